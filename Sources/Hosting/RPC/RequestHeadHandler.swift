import Metrics
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Checks the head of each request before gRPC's library sees it, and answers one that cannot be read itself, with
/// `INVALID_ARGUMENT` and the reason `malformed_request`.
///
/// One stands first on every HTTP/2 stream that a server accepts.
final class RequestHeadHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum State {
        case awaitingHead
        case passing
        case refused
    }

    private var state = State.awaitingHead

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .passing:
            context.fireChannelRead(data)
        case .refused:
            break
        case .awaitingHead:
            guard case .headers(var frame) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
            do {
                try RequestHead.check(&frame.headers)
                state = .passing
                context.fireChannelRead(wrapInboundOut(.headers(frame)))
            } catch {
                state = .refused
                refuse(context, error, isWhole: frame.endStream)
            }
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ error: Unreadable, isWhole: Bool) {
        Counter(label: "rpc_server_malformed_requests").increment()
        let trailers: HPACKHeaders = [
            ":status": "200", "content-type": "application/grpc", "grpc-status": "3", "grpc-message": error.reason,
            ServiceError.reasonMetadataKey: "malformed_request",
        ]
        context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: trailers, endStream: true))), promise: nil)
        // Else the stream would stay for as long as the caller has something to say.
        if !isWhole { context.close(promise: nil) }
    }
}
