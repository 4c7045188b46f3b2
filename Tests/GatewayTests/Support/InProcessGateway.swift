import Accounts
import HTTPTypes
import Hosting
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Passwords
import Postgres
import Synchronization
import Throttling

@testable import Gateway

/// An answer with its body.
struct GatewayAnswer {
    let response: Response
    let bytes: [UInt8]

    var body: String { String(decoding: bytes, as: UTF8.self) }
    var status: Int { response.status.code }
    var headers: HTTPFields { response.headers }
    /// The body as JSON; null if it is none.
    var json: JSONValue { (try? JSONParser.parse(bytes)) ?? .null }
    /// The problem's code.
    var code: String? { json["code"].text }
    /// The fields that the problem names.
    var fields: [String] { json["errors"].elements.compactMap { $0["field"].text } }
}

/// The gateway's routes, called in process; services are what a test makes of them.
struct InProcessGateway: Sendable {
    private struct Source: RequestContextSource {
        let logger = InProcessGateway.silent
    }

    private final class Collector: ResponseBodyWriter, Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func write(_ part: ByteBuffer) async throws {
            bytes.withLock { $0.append(contentsOf: part.readableBytesView) }
        }
        func finish(_ trailers: HTTPFields?) async throws {}
        var all: [UInt8] { bytes.withLock { $0 } }
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private let issuer: TokenIssuer
    private let table: RouteTable
    private let verifier: TokenVerifier

    /// - Parameters:
    ///   - peers: The services; without any, every call to one fails.
    ///   - caches: What it keeps; nothing unless it is told of changes.
    init(peers: Peers, caches: GatewayCaches = GatewayCaches()) throws {
        let keys = SigningKeys.generate()
        try self.init(
            peers: peers, caches: caches, issuer: TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop"),
            verifier: TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop"))
    }

    /// The same in front of services that want to know who calls.
    init(peers: Peers, caches: GatewayCaches, issuer: TokenIssuer, verifier: TokenVerifier) throws {
        self.issuer = issuer
        self.verifier = verifier
        self.table = try Self.routes(peers: peers, verifier: verifier, caches: caches)
    }

    /// Everything the gateway answers to. Its database is never connected to.
    static func routes(
        peers: Peers, verifier: TokenVerifier? = nil, caches: GatewayCaches = GatewayCaches()
    ) throws -> RouteTable {
        let database = PostgresClient(
            configuration: try PostgresConfiguration(url: "postgres://nobody@127.0.0.1:1/none"), logger: silent)
        let keys = SigningKeys.generate()
        let issuer = TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop")
        let accounts = UserAccounts(
            database: database, counters: SharedCounters(redis: nil, logger: silent), passwords: PasswordHasher(),
            issuer: issuer, logger: silent)
        return GatewayRole.routes(
            accounts: accounts, issuer: issuer,
            verifier: try verifier ?? TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop"),
            peers: peers, caches: caches)
    }

    /// Runs services with these RPCs for as long as the body takes.
    static func with(_ rpcs: any Answering..., body: @Sendable (InProcessGateway) async throws -> Void) async throws {
        try await with(rpcs, body: body)
    }

    static func with(_ rpcs: [any Answering], body: @Sendable (InProcessGateway) async throws -> Void) async throws {
        try await withPeers(rpcs) { try await body(try InProcessGateway(peers: $0)) }
    }

    /// The same for a body that makes its own gateways.
    static func withPeers(_ rpcs: [any Answering], body: @Sendable (Peers) async throws -> Void) async throws {
        let roles = Set(Role.servers)
        let peers = try Peers(local: roles, options: .patient())
        let host = RoleHost(
            roles.map { RoleAssembly($0, rpcServices: [PeerStub(rpcs: rpcs)]) }, peers: peers, verifier: nil,
            options: .init(), logger: silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            try await host.started()
            try await body(peers)
            await host.stop()
            try await group.waitForAll()
        }
    }

    /// The same, with the services in front of a network.
    ///
    /// - Parameter path: Gives the port to go by; by default the services' own.
    static func withOverNetwork(
        _ rpcs: any Answering..., through path: @Sendable (Int) -> Int = { $0 },
        body: @Sendable (InProcessGateway) async throws -> Void
    ) async throws {
        let anyPort = ListenAddress.on(HostPort(host: "127.0.0.1", port: 0))
        let host = RoleHost(
            [RoleAssembly(.orders, rpcServices: [PeerStub(rpcs: rpcs)])], peers: try Peers(local: []), verifier: nil,
            options: .init(listen: [.orders: anyPort]), logger: silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            try await host.started()
            guard let bound = try await host.listeningAddress(of: .orders) else { return }
            let address = HostPort(host: bound.host, port: path(bound.port))
            let peers = try Peers(local: [], options: .patient([.orders: [address]]))
            try await peers.withConnections { try await body(try InProcessGateway(peers: peers)) }
            await host.stop()
            try await group.waitForAll()
        }
    }

    /// - Parameters:
    ///   - user: Who calls; nil for a call without a token.
    ///   - body: JSON; empty for none.
    func call(
        _ method: HTTPRequest.Method, _ path: String, as user: Int64? = nil, role: ShopRole = .customer,
        headers: HTTPFields = [:], _ body: String = ""
    ) async throws -> GatewayAnswer {
        var headers = headers
        if let user {
            headers[.authorization] =
                "Bearer \(try await issuer.issue(subject: user, role: role, ttl: .seconds(60)).token)"
        }
        let responder = GatewayRouter.responder(
            table, authenticator: Authenticator(verifier: verifier), logger: Self.silent)
        let request = Request(
            head: HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body)))
        let response = try await responder.respond(to: request, context: GatewayContext(unconnected: Source()))
        let collector = Collector()
        try await response.body.write(collector)
        return GatewayAnswer(response: response, bytes: collector.all)
    }
}

extension JSONValue {
    /// The member of an object; null if there is none.
    subscript(_ name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }
}
