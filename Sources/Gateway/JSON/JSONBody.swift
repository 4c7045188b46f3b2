import HTTPTypes
import Hosting
import Hummingbird
import NIOCore

/// A type that a request's body is read as.
protocol JSONReadable {
    /// The names of all members it may have. Any other is refused: a misspelt `price` that is passed over would buy at
    /// any price.
    static var members: [String] { get }

    /// Reads it, and checks what can be checked without asking anyone. Throws a ``Problem`` that names the field.
    init(_ json: JSONObject) throws(Problem)
}

enum JSONBody {
    /// The longest body that is read, in bytes.
    static let limit = 1 << 20

    /// Reads the whole body as a `T`.
    ///
    /// Throws a ``Problem`` for a body that is too long, of another type, encoded, malformed or with a wrong field, and
    /// ``UnreadableBody`` when the connection fails before its end.
    static func read<T: JSONReadable>(_ type: T.Type, from request: Request) async throws -> T {
        try requireJSON(request.headers)
        try requireNoEncoding(request.headers)
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Problem.bodyTooLarge(limit: limit)
        }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem.bodyTooLarge(limit: limit)
        } catch {
            throw UnreadableBody(underlying: error)
        }
        return try read(type, from: Array(buffer.readableBytesView))
    }

    /// Reads `bytes` as a `T`.
    static func read<T: JSONReadable>(_ type: T.Type, from bytes: [UInt8]) throws(Problem) -> T {
        if bytes.isEmpty {
            throw .malformedJSON("the body is empty; it must be a JSON object")
        }
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw .malformedJSON("the body is not JSON: \(error.message), at byte \(error.offset)")
        }
        return try T(try JSONObject(body: value, members: T.members))
    }

    private static func requireJSON(_ headers: HTTPFields) throws(Problem) {
        // A missing type is taken for JSON: nothing else is spoken here.
        guard let contentType = headers[.contentType] else { return }
        let parts = contentType.split(separator: ";").map { $0.trimmingBlanks().lowercased() }
        guard let type = parts.first, type == "application/json" || isJSONSuffixed(type) else {
            throw .unsupportedMediaType
        }
        for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
            let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" }
            guard charset == "utf-8" || charset == "utf8" else { throw .unsupportedMediaType }
        }
    }

    /// Nothing is unpacked: what is small when it comes could be huge then.
    private static func requireNoEncoding(_ headers: HTTPFields) throws(Problem) {
        for value in headers[values: .contentEncoding] {
            for encoding in value.split(separator: ",") {
                guard encoding.trimmingBlanks().lowercased() == "identity" else {
                    throw .unsupportedContentEncoding
                }
            }
        }
    }

    private static func isJSONSuffixed(_ type: String) -> Bool {
        type.hasPrefix("application/") && type.hasSuffix("+json")
    }
}

/// The connection failed, or stopped speaking HTTP, before the body's end: there is nobody left to answer.
struct UnreadableBody: Error {
    let underlying: any Error
}
