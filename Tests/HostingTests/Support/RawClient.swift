import GRPCCore
import GRPCNIOTransportHTTP2
import ShopProtos

@testable import Hosting

/// Messages that are bytes and nothing else.
struct Bytes: MessageSerializer, MessageDeserializer {
    func serialize<Raw: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Raw { Raw(message) }

    func deserialize<Raw: GRPCContiguousBytes>(_ bytes: Raw) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}

extension RunningHost {
    /// A transport of the library's own, without what the shop's clients add.
    func transport() throws -> HTTP2ClientTransport.Posix {
        try HTTP2ClientTransport.Posix(
            target: .ipv4(address: address.host, port: address.port), transportSecurity: .plaintext)
    }

    /// Runs the body with a client of the health service.
    func withHealth(
        _ body: @Sendable (Grpc_Health_V1_Health.Client<HTTP2ClientTransport.Posix>) async throws -> Void
    ) async throws {
        try await withGRPCClient(transport: transport()) { client in
            try await body(Grpc_Health_V1_Health.Client(wrapping: client))
        }
    }
}
