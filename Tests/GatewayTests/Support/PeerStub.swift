import GRPCCore
import GRPCProtobuf
import ShopProtos
import SwiftProtobuf
import Synchronization

/// One RPC of a service, answered as a test wants it.
protocol Answering: Sendable {
    func register(with router: inout RPCRouter<some ServerTransport>)
}

/// A unary RPC that is answered by a closure, and what it was asked.
final class RPC<Request: Message, Response: Message>: Answering {
    private let method: MethodDescriptor
    private let answer: @Sendable (Request) async throws -> Response
    private let asked = Mutex<[Request]>([])

    init(_ method: MethodDescriptor, _ answer: @escaping @Sendable (Request) async throws -> Response) {
        self.method = method
        self.answer = answer
    }

    var requests: [Request] { asked.withLock { $0 } }

    func register(with router: inout RPCRouter<some ServerTransport>) {
        router.registerHandler(
            forMethod: method, deserializer: ProtobufDeserializer<Request>(),
            serializer: ProtobufSerializer<Response>()
        ) { [self] request, _ in
            let request = try await ServerRequest(stream: request).message
            asked.withLock { $0.append(request) }
            return StreamingServerResponse(single: ServerResponse(message: try await answer(request)))
        }
    }
}

/// A streaming RPC, each request of which is answered by a closure or not at all.
final class StreamRPC<Request: Message, Response: Message>: Answering {
    private let method: MethodDescriptor
    private let answer: @Sendable (Request) throws -> Response?
    private let asked = Mutex<[Request]>([])
    private let opened = Mutex(0)

    init(_ method: MethodDescriptor, _ answer: @escaping @Sendable (Request) throws -> Response?) {
        self.method = method
        self.answer = answer
    }

    var requests: [Request] { asked.withLock { $0 } }
    /// How often it was called.
    var calls: Int { opened.withLock { $0 } }

    func register(with router: inout RPCRouter<some ServerTransport>) {
        router.registerHandler(
            forMethod: method, deserializer: ProtobufDeserializer<Request>(),
            serializer: ProtobufSerializer<Response>()
        ) { [self] request, _ in
            opened.withLock { $0 += 1 }
            return StreamingServerResponse { writer in
                for try await message in request.messages {
                    self.asked.withLock { $0.append(message) }
                    if let answer = try self.answer(message) { try await writer.write(answer) }
                }
                return [:]
            }
        }
    }
}

/// A service with those RPCs and no other.
struct PeerStub: RegistrableRPCService {
    let rpcs: [any Answering]

    func registerMethods(with router: inout RPCRouter<some ServerTransport>) {
        for rpc in rpcs { rpc.register(with: &router) }
    }
}
