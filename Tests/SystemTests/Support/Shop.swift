import Glibc
import Hosting
import NIOHTTP1
import Postgres
import RabbitMQ
import Synchronization
import TestSupport
import Testing

@testable import DevStack

/// A whole shop: real processes on databases and a virtual host of their own, reached as customers and operators do.
final class Shop: Sendable {
    let layout: Layout
    /// Its processes, in the order of ``Layout/processes``.
    let processes: [ServerProcess]
    /// What an operator's shell has set: where everything is.
    let environment: [String: String]
    /// The gateways, one for each process that has the role.
    let gateways: [RESTClient]
    /// The keys that the shop signs with.
    let keys: SigningKeys
    let keysFile: String
    /// Each role's database, for a look at what must always hold.
    let databases: [Role: PostgresClient]
    let broker: RabbitMQConfiguration
    /// For files that a test makes.
    let directory: String
    /// The services' queues, once they have been asked for.
    let queues = Mutex<[String]>([])

    private init(
        layout: Layout, processes: [ServerProcess], environment: [String: String], gateways: [RESTClient],
        keys: SigningKeys, databases: [Role: PostgresClient], broker: RabbitMQConfiguration, directory: String
    ) {
        self.layout = layout
        self.processes = processes
        self.environment = environment
        self.gateways = gateways
        self.keys = keys
        self.keysFile = directory + "/keys.json"
        self.databases = databases
        self.broker = broker
        self.directory = directory
    }

    /// The first gateway.
    var gateway: RESTClient { gateways[0] }

    /// The first process that runs a role.
    func process(of role: Role) throws -> ServerProcess {
        try #require(processes.first { $0.roles.contains(role) })
    }

    /// The port at which a role serves gRPC.
    func port(of role: Role) throws -> Int {
        let address = environment["SHOPCTL_\(role.rawValue.uppercased())_ADDRESS"]
        return try #require(address?.split(separator: ":").last.flatMap { Int($0) })
    }

    // MARK: - Opening and closing

    /// Makes keys, schema and topology with the program's own commands, and places for the processes; starts none.
    ///
    /// - Parameters:
    ///   - settings: Settings of the servers, by environment variable, beside those that every shop here has.
    ///   - migrates: Whether schema and topology are made.
    ///   - openFiles: How many descriptors each process may have; nil for as many as the tests.
    ///   - program: The file that its processes run; nil for the program beside the tests.
    ///   - places: Where servers are, from a URL of one that names the first.
    ///   - processSettings: The settings of a process, by its place and the settings that it would have.
    static func prepare(
        _ layout: Layout, on fixture: Fixture, settings: [String: String] = [:], migrates: Bool = true,
        openFiles: Int? = nil, program: String? = nil, places: (String) -> String = { $0 },
        processSettings: (_ index: Int, _ settings: [String: String]) -> [String: String] = { $1 }
    ) async throws -> Shop {
        let directory = "/tmp/shopctl-system-\(randomHex(bytes: 6))"
        try #require(mkdir(directory, 0o700) == 0)
        fixture.atEnd { removeTree(directory) }
        var environment = [
            "AMQP_URL": places(try await fixture.vhost().url), "REDIS_URL": places(fixture.redis().url),
            "SHOPCTL_REDIS_KEY_PREFIX": fixture.redis().keyPrefix,
            "SHOPCTL_AUTH_KEYS_FILE": directory + "/keys.json",
        ]
        var clients: [Role: PostgresClient] = [:]
        for role in Role.allCases {
            let url = places(try await fixture.database().url)
            environment["SHOPCTL_\(role.rawValue.uppercased())_DATABASE_URL"] = url
            var configuration = try PostgresConfiguration(url: url)
            configuration.maximumConnections = 2
            let client = PostgresClient(configuration: configuration, logger: testLogger)
            fixture.atEnd { await client.close() }
            clients[role] = client
        }
        try await Shopctl.run(
            ["token", "keys", "generate", "--file", directory + "/keys.json"]
        ).expect(0)
        if migrates { try await Shopctl.run(["migrate", "up"], environment: environment).expect(0) }

        var listen = layout.processes.map { _ in [String: String]() }
        var addresses: [Role: [String]] = [:]
        for (index, roles) in layout.processes.enumerated() {
            for role in roles {
                let address = "127.0.0.1:\(try Ports.next())"
                listen[index]["SHOPCTL_\(role.rawValue.uppercased())_LISTEN"] = address
                addresses[role, default: []].append(address)
            }
        }
        let gateways = addresses.removeValue(forKey: .gateway) ?? []
        for (role, addresses) in addresses {
            environment["SHOPCTL_\(role.rawValue.uppercased())_ADDRESS"] = addresses.joined(separator: ",")
        }
        let common = Self.settings.merging(settings) { _, own in own }
            .merging(environment) { _, own in own }
            .merging([DevStackState.markerVariable: fixture.stack.state.marker]) { _, own in own }
        let processes = try layout.processes.enumerated().map { index, roles in
            let port = try Ports.next()
            let own = common.merging(listen[index]) { _, own in own }
                .merging(["SHOPCTL_ADMIN_LISTEN": "127.0.0.1:\(port)"]) { _, own in own }
            return try ServerProcess(
                roles: roles, replica: layout.processes[..<index].count { $0 == roles },
                settings: processSettings(index, own), adminPort: port, directory: directory,
                openFiles: openFiles, program: program)
        }
        return Shop(
            layout: layout, processes: processes, environment: environment,
            gateways: gateways.map { RESTClient(origin: "http://\($0)") },
            keys: try SigningKeys(file: directory + "/keys.json"), databases: clients,
            broker: try RabbitMQConfiguration(url: environment["AMQP_URL"] ?? ""), directory: directory)
    }

    /// What suits a busy machine and an impatient test: nothing fails for being slow, what is lost is sent again soon.
    private static let settings = [
        "SHOPCTL_SHUTDOWN_DRAIN": "0", "SHOPCTL_RPC_DEADLINE": "60", "SHOPCTL_SAGA_RESEND": "1",
        "SHOPCTL_SAGA_SWEEP": "0.2", "SHOPCTL_GATEWAY_RATE_LIMIT": "0", "SHOPCTL_GATEWAY_AUTH_RATE_LIMIT": "0",
    ]

    /// Runs the shop for as long as the body takes; then stops it, and expects that every process ends well.
    func run<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws -> Result {
        let result: Swift.Result<Result, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in processes { group.addTask { try await process.start() } }
                try await group.waitForAll()
            }
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        // In a task of its own: a cancelled test is cleaned up too.
        await Task.detached { [processes] in
            await withTaskGroup(of: Void.self) { group in
                for process in processes { group.addTask { await process.stop() } }
            }
        }.value
        if case .failure(let error) = result { throw ShopFailure(cause: error, log: logTails) }
        return try result.get()
    }

    private var logTails: String {
        processes.map { "--- \($0.roles.map(\.rawValue))\n\($0.logTail)" }.joined(separator: "\n")
    }
}

/// A test's error with what the shop's processes had to say.
struct ShopFailure: Error, CustomStringConvertible {
    let cause: any Error
    let log: String

    var description: String { "\(cause)\n\(log)" }
}

/// Runs a test in a shop on the run's servers.
func withShop<Result: Sendable>(
    _ layout: Layout, settings: [String: String] = [:], openFiles: Int? = nil,
    isolation: isolated (any Actor)? = #isolation, _ body: (Shop) async throws -> Result
) async throws -> Result {
    try await withFixture { fixture in
        let shop = try await Shop.prepare(layout, on: fixture, settings: settings, openFiles: openFiles)
        return try await shop.run { try await body(shop) }
    }
}

/// Runs a test in a shop on servers that are the test's own to take away.
func withShop<Result: Sendable>(
    _ layout: Layout, on servers: PrivateServers, settings: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation, _ body: (Shop) async throws -> Result
) async throws -> Result {
    let shop = try await Shop.prepare(layout, on: servers.fixture, settings: settings)
    return try await shop.run { try await body(shop) }
}

// MARK: - REST and commands

extension Shop {
    func get(_ path: String, token: String? = nil, headers: HTTPHeaders = [:]) async throws -> Reply {
        try await gateway.send(.GET, path, token: token, headers: headers)
    }

    func post(
        _ path: String, token: String? = nil, body: JSON, headers: HTTPHeaders = [:]
    ) async throws -> Reply {
        try await gateway.send(.POST, path, token: token, body: .json(body), headers: headers)
    }

    func patch(
        _ path: String, token: String? = nil, body: JSON, headers: HTTPHeaders = [:]
    ) async throws -> Reply {
        try await gateway.send(.PATCH, path, token: token, body: .json(body), headers: headers)
    }

    func delete(
        _ path: String, token: String? = nil, body: JSON? = nil, headers: HTTPHeaders = [:]
    ) async throws -> Reply {
        try await gateway.send(.DELETE, path, token: token, body: body.map(RequestBody.json) ?? .none, headers: headers)
    }

    /// Runs a command as an operator of this shop does.
    ///
    /// - Parameter environment: Further variables, or others for those of the shop.
    func run(
        _ arguments: String..., environment: [String: String] = [:], input: String = ""
    ) async throws -> CommandResult {
        try await Shopctl.run(
            arguments, environment: self.environment.merging(environment) { _, own in own }, input: input)
    }
}
