import GRPCCore
import GRPCProtobuf
import Hosting
import ShopProtos

/// `GetAverageEvaluation` for callers of other processes: a rating goes out as it is kept, and is not parsed to be printed
/// again.
///
/// Callers of this process are handed messages, by ``ReviewsService`` itself. For a role with Redis only: what that lacks is
/// loaded once for all who ask, whoever of them has gone, and the database's time for a statement ends it.
struct KeptRatings: BriefService {
    private static let method = Reviews_Reviews.Method.GetAverageEvaluation.descriptor

    let service: ReviewsService

    var briefMethods: [MethodDescriptor] { [Self.method] }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: Self.method, deserializer: ProtobufDeserializer<Reviews_GetAverageEvaluationRequest>(),
            serializer: EncodedMessageSerializer()
        ) { [service] request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse(
                single: ServerResponse(message: try await service.encodedAverage(request.message)))
        }
    }
}
