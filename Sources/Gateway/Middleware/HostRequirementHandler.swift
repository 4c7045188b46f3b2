import NIOCore
import NIOHTTP1
import Telemetry

/// Takes a request of HTTP/1.1 that does not name its host once for one that is not HTTP (RFC 9112, 3.2), and one with a
/// field that could not be compared in good time (``StreamSafeText``): the server answers it like those.
final class HostRequirementHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private var hasRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The connection ends with the answer; who knows what the rest belongs to.
        if hasRefused { return }
        if case .head(let head) = unwrapInboundIn(data), !Self.isFine(head) {
            hasRefused = true
            context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
        } else {
            context.fireChannelRead(data)
        }
    }

    private static func isFine(_ head: HTTPRequestHead) -> Bool {
        guard head.version != .http1_1 || head.headers["host"].count == 1 else { return false }
        return StreamSafeText.holds(head.uri) && head.headers.allSatisfy { StreamSafeText.holds($0.value) }
    }
}
