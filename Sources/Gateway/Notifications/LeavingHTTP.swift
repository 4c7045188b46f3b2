import Hosting
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension GatewayChannel {
    /// Takes all that speaks HTTP/1.1 out of a pipeline, but for the decoder and the handler that asks for it.
    static func leaveHTTP(_ pipeline: ChannelPipeline.SynchronousOperations) throws {
        for handler in [
            try pipeline.context(handlerType: HTTPConnectionStateHandler.self),
            try pipeline.context(handlerType: MalformedRequestHandler.self),
            try pipeline.context(handlerType: HTTP1ToHTTPServerCodec.self),
            try pipeline.context(handlerType: ExpectContinueHandler.self),
            try pipeline.context(handlerType: HostRequirementHandler.self),
            try pipeline.context(handlerType: HTTPResponseEncoder.self),
        ] {
            pipeline.removeHandler(context: handler, promise: nil)
        }
        try HTTPConnection.release(pipeline)
    }
}
