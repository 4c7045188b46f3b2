import AsyncHTTPClient
import Events
import FoundationEssentials
import Hosting
import NIOCore
import NIOHTTP1

/// RabbitMQ's management interface, asked about one virtual host.
///
/// Its figures are those of the last time the broker counted, five seconds ago at most by default.
struct ManagementInterface: BrokerView {
    /// The most that one answer may hold.
    private static let answerLimit = 64 << 20

    /// Scheme, host, port and path, without a slash at the end.
    private let base: String
    private let authorization: String?
    private let virtualHost: String
    private let timeout: Duration

    /// - Parameters:
    ///   - url: As in `http://user:password@host:15672`; may have a path before `/api`.
    ///   - virtualHost: As AMQP names it.
    /// - Throws: ``CommandFailure``, without the URL, which holds a password.
    init(url: String, virtualHost: String, timeout: Duration = .seconds(10)) throws {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, let host = parts.encodedHost,
            !host.isEmpty, parts.query == nil, parts.fragment == nil
        else {
            throw CommandFailure(
                .badConfiguration,
                "amqp.management-url cannot be read: it must be http://user:password@host:port, without a query")
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        base = "\(scheme)://\(host)\(port)\(path)"
        authorization = parts.user.map { user in
            "Basic " + Data("\(user):\(parts.password ?? "")".utf8).base64EncodedString()
        }
        self.virtualHost = virtualHost
        self.timeout = timeout
    }

    func snapshot() async throws -> BrokerSnapshot {
        async let queues: [Queue] = get("queues")
        async let bindings: [Binding] = get("bindings")
        return BrokerSnapshot(
            queues: try await queues.map(\.viewed), bindings: try await bindings.compactMap(\.viewed))
    }

    /// The broker's clock, by the `Date` of an answer; nil if it tells none. AMQP has no clock to ask.
    func clock(now: @Sendable () -> Date) async throws -> ServerClock.Reading? {
        let before = now()
        let (head, _) = try await ask("whoami")
        return ServerClock.reading(date: head.first(name: "Date"), before, now())
    }

    private func get<Answer: Decodable & Sendable>(_ what: String) async throws -> [Answer] {
        let (_, body) = try await ask("\(what)/\(Self.encoded(virtualHost))")
        do {
            return try JSONDecoder().decode([Answer].self, from: Data(body.readableBytesView))
        } catch {
            throw ManagementError(.badData, "the management interface at \(base) answers what cannot be read")
        }
    }

    private func ask(_ path: String) async throws -> (head: HTTPHeaders, body: ByteBuffer) {
        var request = HTTPClientRequest(url: "\(base)/api/\(path)")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        let answer: HTTPAnswer
        let seconds = timeout.components.seconds
        do {
            answer = try await HTTPAnswer.to(request, within: seconds, upTo: Self.answerLimit)
        } catch {
            throw ManagementError(
                .unreachable,
                "the management interface at \(base) does not answer: \(HTTPFault.text(of: error, after: seconds))")
        }
        switch answer.status {
        case 200: return (answer.headers, answer.body)
        case 401, 403:
            throw ManagementError(
                .notAllowed,
                "the management interface at \(base) refuses the user: it needs the tag 'monitoring' (or 'management')"
                    + " and rights in the virtual host '\(virtualHost)'")
        case 404:
            throw ManagementError(
                .notFound, "the management interface at \(base) knows no virtual host '\(virtualHost)'")
        default: throw ManagementError(.unreachable, "the management interface at \(base) answers \(answer.status)")
        }
    }

    /// A name as one part of a path.
    private static func encoded(_ name: String) -> String {
        name.utf8.map { byte -> String in
            let isPlain = (97...122).contains(byte | 0x20) || (48...57).contains(byte) || "-._~".utf8.contains(byte)
            guard !isPlain else { return String(UnicodeScalar(byte)) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

extension ManagementInterface: CustomStringConvertible, CustomReflectable {
    /// Its address, without user and password.
    var description: String { base }
    var customMirror: Mirror { Mirror(self, children: ["url": base]) }
}

/// The fault that kept the management interface from being asked.
struct ManagementError: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}

extension ShopConfiguration {
    /// The broker's management interface; nil if none is set.
    func management(virtualHost: String) throws -> ManagementInterface? {
        try amqpManagementURL.map { try ManagementInterface(url: $0, virtualHost: virtualHost) }
    }
}
