/// A route that a higher layer serves on the admin listener.
public struct AdminRoute: Sendable {
    /// The methods that there are.
    public enum Method: Sendable {
        case get
        case post
    }

    let method: Method
    let path: String
    let answer: @Sendable (AdminRequest) async -> AdminAnswer

    /// Describes a route.
    ///
    /// - Parameter path: With the segments that stand for something in braces, as in `saga/{id}`.
    public init(_ method: Method, _ path: String, answer: @escaping @Sendable (AdminRequest) async -> AdminAnswer) {
        self.method = method
        self.path = path
        self.answer = answer
    }
}

/// A request to the admin listener.
public struct AdminRequest: Sendable {
    /// The longest body; a request with a longer one is answered 413 before it reaches its route.
    public static let bodyLimit = 16 << 10

    /// The address on which the listener is.
    public var listener: HostPort
    /// The segments of the path that stand for something, by name.
    public var parameters: [String: String]
    /// The query's values, without escapes; the last of those of one name.
    public var query: [String: String]
    /// The header's values, by names in lower case; `host` among them.
    public var headers: [String: String]
    public var body: [UInt8]

    /// Describes a request.
    public init(
        listener: HostPort, parameters: [String: String] = [:], query: [String: String] = [:],
        headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.listener = listener
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// An answer of a route of the admin listener; no cache keeps it.
public struct AdminAnswer: Sendable {
    public var status: Int
    /// The media type.
    public var type: String
    public var body: String
    /// Further header fields, by name.
    public var headers: [String: String]

    /// Describes an answer.
    public init(_ status: Int, type: String, body: String, headers: [String: String] = [:]) {
        self.status = status
        self.type = type
        self.body = body
        self.headers = headers
    }
}
