import HTTPTypes
import NIOCore
import NIOHTTP1
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

    /// The fault that the server has heard of in what is not HTTP; nil if it has heard of none.
    private var fault: Problem?
    /// The head of a request has come, and its end has not.
    private var isInBody = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: isInBody = true
        case .body: break
        case .end: isInBody = false
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fault = .malformedRequest(error as? HTTPParserError, isInBody: isInBody)
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let fault, case .head(var head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.requestID] == nil
        else {
            context.write(data, promise: promise)
            return
        }
        let requestID = RequestID.new()
        let body = JSONText.encode(fault.body(requestID: requestID))
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

extension Problem {
    /// The bytes that came are not HTTP, name no host, or have too long a head (400 `malformed_request`). Of the ways in
    /// which a body's end can be unclear each is told for itself.
    fileprivate static func malformedRequest(_ error: HTTPParserError?, isInBody: Bool) -> Problem {
        let detail =
            switch (error, isInBody) {
            case (.unexpectedContentLength, false): "Content-Length is given more than once"
            case (.invalidContentLength, false):
                "Content-Length is not a number of bytes, or stands beside Transfer-Encoding"
            case (.unknown, false):
                "Transfer-Encoding is not 'chunked', or stands beside Content-Length, or a line does not end with CR LF"
            case (.invalidChunkSize, true), (.strictModeAssertion, true), (.lfExpected, true):
                "the body's chunks cannot be read: each is its size in hexadecimal digits, CR LF, so many bytes, CR LF"
            case (.unknown, true):
                "the body's chunks cannot be read: one has not the bytes of its size and CR LF, or they are not chunks"
            default: "this is not HTTP/1.1, with a Host that is given once, or its header is too long"
            }
        return Problem(status: .badRequest, code: "malformed_request", detail: detail)
    }
}
