import GRPCCore
import GRPCNIOTransportHTTP2

/// A gRPC client that knows names and bytes only.
struct WireClient: Sendable {
    private let client: GRPCClient<HTTP2ClientTransport.Posix>
    private let token: String?

    /// Lends a client of one server.
    static func with<Result: Sendable>(
        port: Int, _ body: (WireClient) async throws -> Result
    ) async throws -> Result {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
        return try await withGRPCClient(transport: transport) { client in
            try await body(WireClient(client: client, token: nil))
        }
    }

    /// The same client with a caller's token.
    func by(_ token: String) -> WireClient { WireClient(client: client, token: token) }

    /// Calls a unary method by its full name, as in `products.Products/GetProducts`.
    func call(_ method: String, _ message: WireMessage) async throws -> WireFields {
        let names = method.split(separator: "/").map(String.init)
        let descriptor = MethodDescriptor(
            service: ServiceDescriptor(fullyQualifiedService: names[0]), method: names[1], type: .unary)
        var metadata = Metadata()
        if let token { metadata.addString("Bearer \(token)", forKey: "authorization") }
        var options = CallOptions.defaults
        options.waitForReady = true
        options.timeout = .seconds(60)
        return try await client.unary(
            request: ClientRequest(message: message.bytes, metadata: metadata), descriptor: descriptor,
            serializer: Raw(), deserializer: Raw(), options: options
        ) { response in
            try WireFields(try response.message)
        }
    }

    /// The status a call is refused with; nil if it is not.
    func refusal(_ method: String, _ message: WireMessage) async throws -> RPCError.Code? {
        do {
            _ = try await call(method, message)
            return nil
        } catch let error as RPCError {
            return error.code
        }
    }
}

/// Messages as the bytes they are.
private struct Raw: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

    func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) throws -> [UInt8] {
        serializedMessageBytes.withUnsafeBytes { Array($0) }
    }
}
