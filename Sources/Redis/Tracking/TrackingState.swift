/// The conversation on a connection that is told of changed keys. A pure struct.
///
/// The connection has the server tell of changes to itself, as to a subscriber: so one that is lost loses both, and none
/// goes on without the other.
struct TrackingState {
    enum Step {
        case send([RedisArgument])
        case tell(RedisKeyWatch.Event)
    }

    private enum Phase {
        case asksForItsNumber
        case asksToBeTold
        case subscribes
        case listens
    }

    static let opening: [RedisArgument] = ["CLIENT", "ID"]
    private static let channel = "__redis__:invalidate"

    private let keyPrefix: String
    private let prefixes: [String]
    private var phase = Phase.asksForItsNumber

    /// - Parameters:
    ///   - keyPrefix: What every key begins with; it is not told.
    ///   - prefixes: What the keys begin with behind that.
    init(keyPrefix: String, prefixes: [String]) {
        self.keyPrefix = keyPrefix
        self.prefixes = prefixes
    }

    /// Whether changes are told.
    var isListening: Bool { phase == .listens }

    /// Takes what the server has said.
    ///
    /// - Throws: `RedisError` of kind `unavailable` for a server that refuses.
    mutating func take(_ reply: RedisReply) throws(RedisError) -> Step? {
        if case .error(let text) = reply {
            throw RedisError(
                kind: .unavailable, message: "it does not tell of changes: \(text)", refusal: RedisError.code(of: text))
        }
        switch phase {
        case .asksForItsNumber:
            guard let number = reply.integerValue else { throw Self.unexpected }
            phase = .asksToBeTold
            var command: [RedisArgument] = ["CLIENT", "TRACKING", "ON", "REDIRECT", .int(number), "BCAST"]
            for prefix in prefixes { command += ["PREFIX", .string(keyPrefix + prefix)] }
            return .send(command)
        case .asksToBeTold:
            phase = .subscribes
            return .send(["SUBSCRIBE", .string(Self.channel)])
        case .subscribes:
            guard reply.arrayValue?.first?.stringValue == "subscribe" else { throw Self.unexpected }
            phase = .listens
            return .tell(.began)
        case .listens:
            return try change(reply).map { .tell($0) }
        }
    }

    /// The change that is told; nil for a sign of life.
    private func change(_ reply: RedisReply) throws(RedisError) -> RedisKeyWatch.Event? {
        guard let parts = reply.arrayValue, let kind = parts.first?.stringValue else { throw Self.unexpected }
        if kind == "pong" { return nil }
        guard kind == "message", parts.count == 3 else { throw Self.unexpected }
        // All keys of a database, or of the server, were deleted.
        guard let keys = parts[2].arrayValue else { return .everything }
        return .changed(
            keys.compactMap(\.stringValue).filter { $0.hasPrefix(keyPrefix) }.map {
                String($0.dropFirst(keyPrefix.count))
            })
    }

    private static let unexpected = RedisError(kind: .protocol, message: "not what a server says that tells of changes")
}
