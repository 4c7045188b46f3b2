/// A route that a higher layer serves on the admin listener.
public struct AdminRoute: Sendable {
    /// The methods that there are.
    public enum Method: Sendable {
        case get
        case post

        /// As the header `Allow` has it. What is read can be asked for its header alone, too.
        var allowed: String { self == .get ? "GET, HEAD" : "POST" }
    }

    /// Words a refusal of the listener's own: its HTTP status and a sentence go in.
    public typealias Refusal = @Sendable (_ status: Int, _ message: String) -> AdminAnswer

    let method: Method
    let path: String
    let refusal: Refusal
    let answer: @Sendable (AdminRequest) async -> AdminAnswer

    /// Describes a route.
    ///
    /// - Parameters:
    ///   - path: With the segments that stand for something in braces, as in `saga/{id}`.
    ///   - refusal: Words what does not reach the route, also for paths beside it under the same first segment.
    public init(
        _ method: Method, _ path: String, refusal: @escaping Refusal = AdminAnswer.plain,
        answer: @escaping @Sendable (AdminRequest) async -> AdminAnswer
    ) {
        self.method = method
        self.path = path
        self.refusal = refusal
        self.answer = answer
    }

    /// Answers a request that no route takes: 405 where its path has other methods, else 404; nil for a path that has
    /// nothing to do with the routes.
    static func untaken(_ path: String, _ routes: [AdminRoute]) -> AdminAnswer? {
        let segments = path.split(separator: "/")
        let near = routes.filter { $0.path.split(separator: "/").first == segments.first }
        guard let refusal = near.first?.refusal else { return nil }
        let here = near.filter { $0.matches(segments) }
        guard !here.isEmpty else { return refusal(404, "there is nothing under this path") }
        let allowed = here.map(\.method.allowed).joined(separator: ", ")
        var answer = refusal(405, "this path takes \(allowed)")
        answer.headers["Allow"] = allowed
        return answer
    }

    private func matches(_ segments: [Substring]) -> Bool {
        let own = path.split(separator: "/")
        return own.count == segments.count && zip(own, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
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

    /// Words a refusal as plain text.
    public static let plain: AdminRoute.Refusal = { status, message in
        AdminAnswer(status, type: "text/plain; charset=utf-8", body: message + "\n")
    }
}
