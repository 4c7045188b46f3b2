import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Telemetry

/// Gives the server's own answer to what is not HTTP, an empty 400, the form of all other problems.
///
/// No middleware sees such a request; every answer that has passed one has a request id.
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The server has heard of what is not HTTP.
    private var isMalformed = false

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isMalformed = true
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isMalformed, case .head(var head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.requestID] == nil
        else {
            context.write(data, promise: promise)
            return
        }
        let requestID = RequestID.new()
        let body = JSONText.encode(Problem.malformedRequest.body(requestID: requestID))
        for field in SecurityHeaders.defaults {
            head.headerFields[field.name] = field.value
        }
        head.headerFields[.requestID] = requestID
        head.headerFields[.contentType] = Problem.contentType
        head.headerFields[.contentLength] = String(body.readableBytes)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
    }
}
