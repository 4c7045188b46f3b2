import GRPCCore
import GRPCNIOTransportHTTP2

/// A server of one method, without interceptors.
enum BareRPC {
    static let method = MethodDescriptor(fullyQualifiedService: "bare.Bare", method: "Echo", type: .unary)

    /// Serves until the process ends.
    static func serve(at address: Address) async throws {
        let server = GRPCServer(
            transport: HTTP2ServerTransport.Posix(
                address: .ipv4(host: address.host, port: address.port), transportSecurity: .plaintext),
            services: [Echo()])
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await server.serve() }
            _ = try await server.transport.listeningAddress
            Bare.announce()
        }
    }

    /// Answers a call with its own message.
    private struct Echo: RegistrableRPCService {
        func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
            router.registerHandler(forMethod: method, deserializer: Bytes(), serializer: Bytes()) { request, _ in
                let request = try await ServerRequest(stream: request)
                return StreamingServerResponse(single: ServerResponse(message: request.message))
            }
        }
    }
}

/// Messages that are bytes and nothing else.
struct Bytes: MessageSerializer, MessageDeserializer {
    func serialize<Raw: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Raw { Raw(message) }

    func deserialize<Raw: GRPCContiguousBytes>(_ bytes: Raw) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}
