import FoundationEssentials
import Glibc
import Hosting
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

@testable import DevStack

extension SystemTests {
    /// No container engine is needed for this: every command line, variable, port and health check of `compose.yaml`
    /// is run with the real program, on the test's own servers in place of the file's.
    @Suite struct ComposeTests {
        @Test("Ports, addresses and dependencies of compose.yaml fit each other")
        func thePartsFit() throws {
            let file = try ComposeFile()
            let roles = try Role.allCases.map { try #require(file[$0.rawValue], "\($0.rawValue)") }
            for role in Role.servers {
                let listen = try #require(file[role.rawValue]?.argument("--\(role.rawValue)-listen"))
                let port = try #require(listen.split(separator: ":").last)
                for service in roles {
                    #expect(
                        service.environment["SHOPCTL_\(role.rawValue.uppercased())_ADDRESS"]
                            == "\(role.rawValue):\(port)", "\(service.name)")
                }
            }
            let gateway = try #require(file["gateway"])
            let door = try #require(gateway.argument("--gateway-listen")?.split(separator: ":").last)
            #expect(gateway.ports.map { $0.split(separator: ":").last } == [door])
            for service in file.services {
                for (name, condition) in service.dependencies {
                    let other = try #require(file[name], "\(service.name) waits for \(name)")
                    if condition == "service_healthy" { #expect(!other.healthCheck.isEmpty, "\(name)") }
                }
            }
            for service in roles { #expect(service.dependencies["migrate"] == "service_completed_successfully") }
            // The private keys are for the gateway alone.
            #expect(roles.filter { $0.environment["SHOPCTL_AUTH_KEYS_FILE"] != nil }.map(\.name) == ["gateway"])
            // Every variable is one that the program knows.
            let known = Set(Setting.all.flatMap { [$0.variable, $0.fileVariable] })
            for service in file.services where service.isShop {
                #expect(Set(service.environment.keys).subtracting(known).isEmpty, "\(service.name)")
            }
        }

        @Test("The engine's own client reads compose.yaml", .enabled("there is a compose client") { await hasClient() })
        func theClientReadsIt() async throws {
            let passwords = ["SHOP_POSTGRES_PASSWORD", "SHOP_RABBITMQ_PASSWORD", "SHOP_REDIS_PASSWORD"]
            let all = Shopctl.baseEnvironment.merging(passwords.map { ($0, "secret") }) { _, own in own }
            var variables: [Environment.Key: String] = [:]
            for (name, value) in all {
                if let key = Environment.Key(rawValue: name) { variables[key] = value }
            }
            let result = try await Subprocess.run(
                .name("docker"),
                arguments: ["compose", "--file", repositoryPath("compose.yaml"), "config", "--quiet"],
                environment: .custom(variables), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        }

        private static func hasClient() async -> Bool {
            let result = try? await Subprocess.run(
                .name("docker"), arguments: ["compose", "version"], output: .discarded, error: .discarded)
            return result?.terminationStatus.isSuccess ?? false
        }

        @Test("Every service of compose.yaml starts by its own command line, and its health check says so")
        func theShopComesUp() async throws {
            try await withFixture { fixture in
                let scene = try await ComposeScene(fixture)
                let migrate = try #require(scene.file["migrate"])
                try await Shopctl.run(migrate.command, environment: scene.environment(of: migrate)).expect(0)
                let services = try Role.allCases.map { try #require(scene.file[$0.rawValue]) }
                var children: [(service: ComposeFile.Service, child: ChildProcess)] = []
                for service in services {
                    let command = Command(
                        program: try Shopctl.program(), arguments: scene.translate(service.command),
                        environment: Shopctl.baseEnvironment.merging(scene.environment(of: service)) { _, own in own },
                        directory: "/")
                    let child = try await ChildProcess.start(command, log: "\(scene.directory)/\(service.name).log")
                    fixture.atEnd {
                        child.send(9)
                        await child.ended()
                    }
                    children.append((service, child))
                }
                for (service, child) in children {
                    #expect(service.healthCheck.first == "shopctl")
                    let check = Array(service.healthCheck.dropFirst())
                    try await eventually("\(service.name) is healthy", timeout: .seconds(90)) {
                        try #require(child.status == nil, "\(service.name) has ended")
                        return try await Shopctl.run(check, environment: scene.environment(of: service)).status == 0
                    }
                }
                let gateway = RESTClient(origin: "http://127.0.0.1:\(try scene.port(of: .gateway))")
                try await gateway.send(.GET, "/api/products/toys").expect(200)
                for (service, child) in children {
                    child.send(15)
                    await child.ended()
                    #expect(child.status == .exited(0), "\(service.name)")
                }
                let gone = try #require(scene.file["gateway"])
                try await Shopctl.run(["health"], environment: scene.environment(of: gone)).expect(69)
            }
        }
    }
}

/// The servers and ports of a test in place of those that `compose.yaml` names.
private struct ComposeScene {
    let file: ComposeFile
    let directory: String
    private let databasePrefix: String
    private let amqpURL: String
    private let redisURL: String
    private let postgresURL: String
    private let ports: [Role: Int]
    private let adminPorts: [String: Int]
    private let marker: String

    init(_ fixture: Fixture) async throws {
        file = try ComposeFile()
        directory = "/tmp/shopctl-compose-\(randomHex(bytes: 6))"
        try #require(mkdir(directory, 0o700) == 0)
        fixture.atEnd { [directory] in removeTree(directory) }
        let prefix = fixture.stack.uniqueName() + "_"
        databasePrefix = prefix
        amqpURL = try await fixture.vhost().url
        redisURL = fixture.redis().url
        postgresURL = fixture.stack.state.postgresURL(database: prefix)
        marker = fixture.stack.state.marker
        ports = Dictionary(uniqueKeysWithValues: try Role.allCases.map { ($0, try Ports.next()) })
        adminPorts = Dictionary(uniqueKeysWithValues: try file.services.map { ($0.name, try Ports.next()) })
        let postgres = fixture.stack.postgres
        for role in Role.allCases {
            fixture.atEnd { try? await postgres.dropDatabase(prefix + role.rawValue) }
        }
        try await Shopctl.run(["token", "keys", "generate", "--file", directory + "/keys.json"]).expect(0)
        let keys = try await Shopctl.run(["token", "keys", "jwks", "--file", directory + "/keys.json"]).expect(0)
        try keys.output.write(toFile: directory + "/jwks.json", atomically: true, encoding: .utf8)
    }

    func port(of role: Role) throws -> Int { try #require(ports[role]) }

    /// Listening addresses with this test's ports.
    func translate(_ command: [String]) -> [String] {
        command.map { word in
            for role in Role.allCases where file[role.rawValue]?.argument("--\(role.rawValue)-listen") == word {
                return "127.0.0.1:\(ports[role] ?? 0)"
            }
            return word
        }
    }

    /// A service's variables with this test's servers.
    func environment(of service: ComposeFile.Service) -> [String: String] {
        var environment: [String: String] = [
            // Containers have a loopback each; here they share one.
            "SHOPCTL_ADMIN_LISTEN": "127.0.0.1:\(adminPorts[service.name] ?? 0)",
            "SHOPCTL_SHUTDOWN_DRAIN": "0", DevStackState.markerVariable: marker,
        ]
        for (name, value) in service.environment {
            switch name {
            case "SHOPCTL_DATABASE_URL":
                // Everything behind the server's name stays as the file has it.
                let tail = value.split(separator: "/shop_", maxSplits: 1).last.map(String.init) ?? ""
                environment[name] = postgresURL + tail
            case "SHOPCTL_AMQP_URL": environment[name] = amqpURL
            case "SHOPCTL_REDIS_URL": environment[name] = redisURL
            case "SHOPCTL_AUTH_KEYS_FILE": environment[name] = directory + "/keys.json"
            case "SHOPCTL_AUTH_JWKS_FILE": environment[name] = directory + "/jwks.json"
            default:
                let role = Role.allCases.first { name == "SHOPCTL_\($0.rawValue.uppercased())_ADDRESS" }
                environment[name] = role.map { "127.0.0.1:\(ports[$0] ?? 0)" } ?? value
            }
        }
        return environment
    }
}
