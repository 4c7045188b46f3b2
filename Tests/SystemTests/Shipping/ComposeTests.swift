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

        @Test("What serves is started again, and the jobs are neither started again nor asked for their health")
        func restarts() throws {
            let file = try ComposeFile()
            for service in file.services where !["keys", "migrate"].contains(service.name) {
                #expect(service.restart == "unless-stopped", "\(service.name)")
                #expect(!service.healthCheck.isEmpty && !service.hasNoHealthCheck, "\(service.name)")
            }
            for name in ["keys", "migrate"] {
                let job = try #require(file[name])
                #expect(job.restart == "no" && job.hasNoHealthCheck, "\(name)")
            }
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
            let password = randomHex(bytes: 16)
            try password.write(toFile: folder + "/redis-password", atomically: false, encoding: .utf8)
            // A container has its port for itself.
            let words = service.command.map {
                ComposeSecrets.placed($0, shop: folder, keys: folder)
                    .replacing("redis-server -", with: "redis-server - --bind 127.0.0.1 --port \(port)")
            }
            #expect(words.first == "sh")
            let child = try await ChildProcess.start(
                Command(
                    program: "/bin/sh", arguments: Array(words.dropFirst()), environment: ["PATH": "/usr/bin:/bin"],
                    directory: folder),
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

        @Test("Containers read the volume of passwords, and the gateway alone that of the private keys")
        func mounts() throws {
            let file = try ComposeFile()
            let secrets = ComposeFile.Mount("secrets", at: "/run/shop", isReadOnly: true)
            let keys = ComposeFile.Mount("keys", at: "/run/keys", isReadOnly: true)
            for service in file.services where service.name != "keys" {
                #expect(service.mounts.contains(secrets), "\(service.name)")
                #expect(service.mounts.contains(keys) == (service.name == "gateway"), "\(service.name)")
                #expect(!service.mounts.contains { $0.source == "keys" && !$0.isReadOnly }, "\(service.name)")
            }
            // Whoever reads them waits until they are made.
            for name in ["postgres", "rabbitmq", "redis"] {
                #expect(file[name]?.dependencies["keys"] == "service_completed_successfully", "\(name)")
            }
            // The reader sets nothing.
            #expect(file.wanted.isEmpty)
        }

        @Test("Passwords and keys are made once, and published to nobody who must not have them")
        func secrets() async throws {
            let secrets = try ComposeSecrets(ComposeFile(), in: makeFolder())
            defer { secrets.remove() }
            try await secrets.run().expect(0)
            let passwords = try ["postgres", "rabbitmq", "redis"].map { try secrets.text("\($0)-password") }
            // They stand in URLs as they are.
            for password in passwords { #expect(try password.wholeMatch(of: Regex("[a-f0-9]{48}")) != nil) }
            #expect(Set(passwords).count == 3)
            #expect(try secrets.text("database-url") == "postgres://shop:\(passwords[0])@postgres:5432/shop_{role}\n")
            #expect(try secrets.text("amqp-url") == "amqp://shop:\(passwords[1])@rabbitmq:5672/\n")
            #expect(try secrets.text("redis-url") == "redis://:\(passwords[2])@redis:6379/0\n")
            let keys = try SigningKeys(file: secrets.keys + "/keys.json")
            #expect(try VerificationKeys(file: secrets.shop + "/jwks.json") == keys.publicKeys)
            let user = try repositoryFile("Dockerfile").split(separator: "--uid ").last?.prefix { $0.isNumber } ?? ""
            #expect(try secrets.owners() == "-R \(user) \(secrets.keys)\n")
            for (path, mode) in [(secrets.shop + "/jwks.json", mode_t(0o444)), (secrets.keys + "/keys.json", 0o600)] {
                var status = stat()
                #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == mode, "\(path)")
            }
            // Passwords of a database that is there, and keys, do not change by starting again.
            try await secrets.run().expect(0)
            #expect(try ["postgres", "rabbitmq", "redis"].map { try secrets.text("\($0)-password") } == passwords)
            #expect(try SigningKeys(file: secrets.keys + "/keys.json") == keys)
        }

        @Test("The engine's own client reads compose.yaml", .enabled("there is a compose client") { await hasClient() })
        func theClientReadsIt() async throws {
            var variables: [Environment.Key: String] = [:]
            for (name, value) in Shopctl.baseEnvironment {
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

/// A new folder for what the file's scripts make.
private func makeFolder() throws -> String {
    let directory = "/tmp/shopctl-compose-\(randomHex(bytes: 6))"
    try #require(mkdir(directory, 0o700) == 0)
    return directory
}

/// The servers and ports of a test in place of those that `compose.yaml` names.
private struct ComposeScene {
    let file: ComposeFile
    private let secrets: ComposeSecrets
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
        directory = try makeFolder()
        let secrets = try ComposeSecrets(file, in: directory)
        self.secrets = secrets
        fixture.atEnd { secrets.remove() }
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
        try await secrets.run().expect(0)
    }

    /// Changes keys by the header's steps while everything runs, and expects that the new one is believed from its
    /// first token on.
    func changeKeys(before gateway: RESTClient) async throws {
        let file = secrets.keys + "/keys.json"
        let old = try SigningKeys(file: file).activeKeyID
        var new = ""
        let changes = try ComposeSecrets.changes()
        #expect(changes.count == 3)
        for step in changes {
            if step.contains("OLD_KID") {
                let settings = environment(of: try #require(self.file["gateway"]))
                let issued = try await Shopctl.run(["token", "issue", "--user", "7"], environment: settings)
                let token = issued.expect(0).output.filter { !$0.isNewline }
                try await gateway.send(.GET, "/api/balance/7", token: token).expect(200)
            }
            try await secrets.run(step.replacing("NEW_KID", with: new).replacing("OLD_KID", with: old)).expect(0)
            new = try #require(try SigningKeys(file: file).keyIDs.last)
        }
        #expect(new != old)
        #expect(try VerificationKeys(file: secrets.shop + "/jwks.json").keyIDs == [new])
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
            // Everything behind the server's name stays as the file has it.
            case "SHOPCTL_DATABASE_URL_FILE":
                let url = (try? secrets.text("database-url"))?.split(separator: "/shop_", maxSplits: 1).last ?? ""
                environment["SHOPCTL_DATABASE_URL"] = postgresURL + url.filter { !$0.isNewline }
            case "SHOPCTL_AMQP_URL_FILE": environment["SHOPCTL_AMQP_URL"] = amqpURL
            case "SHOPCTL_REDIS_URL_FILE": environment["SHOPCTL_REDIS_URL"] = redisURL
            case "SHOPCTL_AUTH_KEYS_FILE", "SHOPCTL_AUTH_JWKS_FILE": environment[name] = secrets.hostPath(value)
            default:
                let role = Role.allCases.first { name == "SHOPCTL_\($0.rawValue.uppercased())_ADDRESS" }
                environment[name] = role.map { "127.0.0.1:\(ports[$0] ?? 0)" } ?? value
            }
        }
        return environment
    }
}
