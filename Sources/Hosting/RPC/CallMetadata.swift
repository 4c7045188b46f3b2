import GRPCCore

/// The values that calls between roles carry in their metadata.
enum CallMetadata {
    static let authorization = "authorization"
    static let requestID = "x-request-id"
    static let traceparent = "traceparent"
    static let timeout = "grpc-timeout"
    /// The name of ``timeout`` on the server's side, where the library is not to see it.
    static let timeLeft = "shop-time-left"

    /// The bearer token in a value of ``authorization``, if there is one. The scheme may be in any case.
    static func bearerToken(in value: String) -> String? {
        let scheme = "bearer ".utf8
        // A letter's case is one bit, which the space has set.
        guard value.utf8.count > scheme.count, zip(value.utf8, scheme).allSatisfy({ $0 | 0x20 == $1 })
        else { return nil }
        return String(value[value.utf8.index(value.startIndex, offsetBy: scheme.count)...])
    }

    static func first(_ key: String, _ metadata: Metadata) -> String? {
        metadata[stringValues: key].first { _ in true }
    }
}
