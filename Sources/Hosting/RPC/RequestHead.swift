import NIOHPACK
import Telemetry

/// The head of a gRPC request as it came over the wire.
///
/// gRPC's library takes some of what it holds for granted, and ends the process where it is not so: a negative amount in
/// `grpc-timeout`, say. What a head may be is therefore checked before the library sees it.
enum RequestHead {
    /// The most fields a head may have.
    static let fieldLimit = 128
    /// The longest head in bytes, counted as HTTP/2 does: 32 for each field besides its name and value.
    static let sizeLimit = 16 << 10
    /// The longest path in bytes.
    static let pathLimit = 512

    /// Passes a head that can be read; one with a long timeout is changed to say the same in the library's digits.
    ///
    /// - Throws: ``Unreadable``, with a sentence for the caller.
    static func check(_ headers: inout HPACKHeaders) throws(Unreadable) {
        guard headers.count <= fieldLimit else { throw Unreadable("there are more than \(fieldLimit) fields") }
        var size = 0
        var path: String?
        var timeout: String?
        for (name, value, _) in headers {
            size += name.utf8.count + value.utf8.count + 32
            guard size <= sizeLimit else { throw Unreadable("the fields are longer than \(sizeLimit) bytes") }
            guard StreamSafeText.holds(name), StreamSafeText.holds(value) else {
                throw Unreadable("a letter in a field has more than \(StreamSafeText.limit) combining marks")
            }
            switch name {
            case ":path":
                guard path == nil else { throw Unreadable("there is more than one :path") }
                path = value
            case "grpc-timeout":
                guard timeout == nil else { throw Unreadable("there is more than one grpc-timeout") }
                timeout = value
            default:
                guard !name.hasSuffix("-bin") || isBase64(value) else {
                    throw Unreadable("a field whose name ends in -bin is not base64")
                }
            }
        }
        guard let path, path.utf8.count <= pathLimit, isMethod(path) else {
            throw Unreadable(":path must be /service/method, \(pathLimit) bytes at most")
        }
        if let timeout {
            guard let parsed = WireTimeout(timeout) else {
                throw Unreadable("grpc-timeout must be 1 to 8 digits and one of H, M, S, m, u, n")
            }
            let text = parsed.shortened
            if text != timeout { headers.replaceOrAdd(name: "grpc-timeout", value: text) }
        }
    }

    private static func isMethod(_ path: String) -> Bool {
        let slash = UInt8(ascii: "/")
        let service = path.utf8.dropFirst().prefix { $0 != slash }
        let method = path.utf8[service.endIndex...].dropFirst()
        return path.utf8.first == slash && !service.isEmpty && !method.isEmpty && !method.contains(slash)
    }

    /// Whether these are texts in base64, with commas between them, each with its padding or without.
    private static func isBase64(_ value: String) -> Bool {
        value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { part in
            var text = part[...]
            while text.first == UInt8(ascii: " ") { text = text.dropFirst() }
            while text.last == UInt8(ascii: " ") { text = text.dropLast() }
            let length = text.count
            let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
            guard padding == 0 || (padding <= 2 && length.isMultiple(of: 4)), (length - padding) % 4 != 1 else {
                return false
            }
            return text.dropLast(padding).allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
        }
    }
}

/// A head that cannot be read.
struct Unreadable: Error {
    /// A sentence for the caller, in ASCII and without a percent sign: it travels as it is.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
