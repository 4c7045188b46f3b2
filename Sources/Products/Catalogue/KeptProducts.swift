import GRPCCore
import GRPCProtobuf
import Hosting
import ShopProtos

/// `GetOneProduct` for callers of other processes: a product goes out as it is kept, and is not parsed to be printed again.
///
/// Callers of this process are handed messages, by ``ProductsService`` itself. For a role with Redis only: what that lacks is
/// loaded once for all who ask, whoever of them has gone, and the database's time for a statement ends it.
struct KeptProducts: BriefService {
    private static let method = Products_Products.Method.GetOneProduct.descriptor

    let service: ProductsService

    var briefMethods: [MethodDescriptor] { [Self.method] }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: Self.method, deserializer: ProtobufDeserializer<Products_GetOneProductRequest>(),
            serializer: EncodedMessageSerializer()
        ) { [service] request, context in
            let message = try await ServerRequest(stream: request).message
            let answer =
                if message.fresh {
                    try await WantedWork.run(context) { try await service.freshProduct(message) }
                } else {
                    try await service.keptProduct(message)
                }
            return StreamingServerResponse(single: ServerResponse(message: answer))
        }
    }
}
