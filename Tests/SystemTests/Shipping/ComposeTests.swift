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
    @Suite(.inTurn, .serialized) struct ComposeTests {
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
            let port = try #require(gateway.argument("--gateway-listen")?.split(separator: ":").last)
            #expect(gateway.ports.map { $0.split(separator: ":").last } == [port])
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

        @Test("What serves is started again, and the one job is neither started again nor asked for its health")
        func restarts() throws {
            let file = try ComposeFile()
            for service in file.services where service.name != "migrate" {
                #expect(service.restart == "unless-stopped", "\(service.name)")
                #expect(!service.healthCheck.isEmpty && !service.hasNoHealthCheck, "\(service.name)")
            }
            let migrate = try #require(file["migrate"])
            #expect(migrate.restart == "no" && migrate.hasNoHealthCheck)
            // While the image sets a new database up, a server of that time alone answers on the socket.
            let check = try #require(file["postgres"]?.healthCheck)
            #expect(check.prefix(3) == ["pg_isready", "-h", "127.0.0.1"])
        }

        @Test("Redis wants the password, and has it from no command line")
        func redisPassword() async throws {
            let service = try #require(try ComposeFile()["redis"])
            let folder = try makeFolder()
            let port = try Ports.next()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            // A container has its port for itself. Two dollars are one to the container.
            let words = service.command.map {
                $0.replacing("$$", with: "$")
                    .replacing("redis-server -", with: "redis-server - --bind 127.0.0.1 --port \(port)")
            }
            #expect(words.first == "sh")
            let password = randomHex(bytes: 16)
            let child = try await ChildProcess.start(
                Command(
                    program: "/bin/sh", arguments: Array(words.dropFirst()),
                    environment: ["PATH": "/usr/bin:/bin", "REDIS_PASSWORD": password], directory: folder),
                log: folder + "/redis.log")
            defer { child.send(SIGKILL) }
            try await eventually("it takes the password") {
                await offPool { Probe(port: port).redis(password: password) }
            }
            let takesAnother = await offPool { Probe(port: port).redis(password: "another") }
            #expect(!takesAnother)
            let arguments = String(decoding: readSmallFile("/proc/\(child.pid)/cmdline") ?? [], as: UTF8.self)
            #expect(arguments.contains("redis-server") && !arguments.contains(password))
        }

        @Test("Containers get folders of keys, to read only, and the gateway alone that of the private ones")
        func mounts() throws {
            let file = try ComposeFile()
            for service in file.services where service.isShop {
                #expect(
                    service.hostPath(try #require(service.environment["SHOPCTL_AUTH_JWKS_FILE"]))
                        == "./jwks/jwks.json", "\(service.name)")
                let keys = service.environment["SHOPCTL_AUTH_KEYS_FILE"].flatMap(service.hostPath)
                #expect(keys == (service.name == "gateway" ? "./keys/keys.json" : nil), "\(service.name)")
                let sources = service.mounts.map(\.source)
                #expect(sources == (service.name == "gateway" ? ["./jwks", "./keys"] : ["./jwks"]), "\(service.name)")
                for mount in service.mounts { #expect(mount.isReadOnly && !mount.makesSource, "\(service.name)") }
            }
            // What the header's steps make is neither committed nor sent to a build.
            for name in [".gitignore", ".dockerignore"] {
                let lines = try repositoryFile(name).split(separator: "\n").map { $0.filter { $0 != "/" } }
                for made in ["keys", "jwks", ".env"] { #expect(lines.contains(made), "\(name)") }
            }
        }

        @Test("The header's steps make what the file wants, once")
        func theHeadersSteps() async throws {
            let header = try ComposeHeader(in: makeFolder())
            defer { header.remove() }
            try await header.run(header.start).expect(0)
            #expect(try header.calls().first == "build -t shopctl .")
            #expect(try header.calls().last == "compose up -d")
            let passwords = try String(contentsOfFile: header.directory + "/.env", encoding: .utf8)
            let pairs = passwords.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
            #expect(try Set(pairs.map { String($0[0]) }) == ComposeFile().wanted)
            // They stand in URLs as they are.
            for pair in pairs { #expect(try pair[1].wholeMatch(of: Regex("[A-Za-z0-9._~-]{32,}")) != nil) }
            let keys = try SigningKeys(file: header.directory + "/keys/keys.json")
            let published = try VerificationKeys(file: header.directory + "/jwks/jwks.json")
            #expect(published == keys.publicKeys)
            // The containers' user is neither the owner nor of the group, and passwords are nobody else's.
            for (name, mode) in [("jwks", mode_t(0o755)), ("jwks/jwks.json", 0o644), (".env", 0o600)] {
                var status = stat()
                #expect(stat(header.directory + "/" + name, &status) == 0 && status.st_mode & 0o777 == mode, "\(name)")
            }
            // Passwords of a database that is there, and keys, do not change by doing it again.
            try await header.run(header.start).expect(0)
            #expect(try String(contentsOfFile: header.directory + "/.env", encoding: .utf8) == passwords)
            #expect(try SigningKeys(file: header.directory + "/keys/keys.json") == keys)
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
                try await scene.changeKeys(before: gateway)
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

/// A new folder for what the header's steps make.
private func makeFolder() throws -> String {
    let directory = "/tmp/shopctl-compose-\(randomHex(bytes: 6))"
    try #require(mkdir(directory, 0o700) == 0)
    return directory
}

/// The servers and ports of a test in place of those that `compose.yaml` names.
private struct ComposeScene {
    let file: ComposeFile
    private let header: ComposeHeader
    var directory: String { header.directory }
    private let databasePrefix: String
    private let amqpURL: String
    private let redisURL: String
    private let postgresURL: String
    private let ports: [Role: Int]
    private let adminPorts: [String: Int]
    private let marker: String

    init(_ fixture: Fixture) async throws {
        file = try ComposeFile()
        let header = try ComposeHeader(in: makeFolder())
        self.header = header
        fixture.atEnd { header.remove() }
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
        try await header.run(header.start).expect(0)
    }

    /// Changes keys by the header's steps while everything runs, and expects that the new one is believed from its
    /// first token on.
    func changeKeys(before gateway: RESTClient) async throws {
        let file = directory + "/keys/keys.json"
        let old = try SigningKeys(file: file).activeKeyID
        var new = ""
        for step in header.change {
            if step.contains("OLD_KID") {
                let settings = environment(of: try #require(self.file["gateway"]))
                let issued = try await Shopctl.run(["token", "issue", "--user", "7"], environment: settings)
                let token = issued.expect(0).output.filter { !$0.isNewline }
                try await gateway.send(.GET, "/api/balance/7", token: token).expect(200)
            }
            try await header.run(change: step, new: new, old: old).expect(0)
            new = try #require(try SigningKeys(file: file).keyIDs.last)
        }
        #expect(new != old)
        #expect(try VerificationKeys(file: directory + "/jwks/jwks.json").keyIDs == [new])
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
            case "SHOPCTL_AUTH_KEYS_FILE", "SHOPCTL_AUTH_JWKS_FILE":
                environment[name] = service.hostPath(value).map { "\(directory)/\($0)" }
            default:
                let role = Role.allCases.first { name == "SHOPCTL_\($0.rawValue.uppercased())_ADDRESS" }
                environment[name] = role.map { "127.0.0.1:\(ports[$0] ?? 0)" } ?? value
            }
        }
        return environment
    }
}
