public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1

/// An HTTP/1.1 connection of a listener, within the limits of both.
public struct HTTPConnection: ServerChildChannel {
    /// There is no place for it; it has been closed.
    struct Refused: Error {}

    private let base: HTTP1Channel
    private let listener: String
    private let limits: HTTPLimits
    private let connections: ConnectionLimit
    private let logger: Logger

    /// Describes the connections of a listener.
    ///
    /// - Parameters:
    ///   - listener: Its name in metrics.
    ///   - limits: What one of them may cost.
    ///   - connections: How many there may be.
    ///   - logger: Is told of connections that are cut.
    ///   - handlers: What stands between the codec and the responder.
    ///   - responder: Answers requests.
    public init(
        listener: String, limits: HTTPLimits, connections: ConnectionLimit, logger: Logger,
        handlers: @autoclosure @escaping @Sendable () -> [any RemovableChannelHandler] = [],
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        // The framework's own idle timer starts anew with every part that comes: ``ClientWatch`` has the time.
        base = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: handlers(), idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
        self.listener = listener
        self.limits = limits
        self.connections = connections
        self.logger = logger
    }

    public func setup(channel: any Channel, logger quiet: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        guard connections.admit(channel) else { return channel.eventLoop.makeFailedFuture(Refused()) }
        return base.setup(channel: channel, logger: quiet).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let watch = ClientWatch(listener: listener, limits: limits, logger: logger)
            try pipeline.addHandler(watch, position: .first)
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(RequestGate(watch: watch, limit: limits.pipelined), position: .after(decoder))
            // A connection that comes while its server ends is handed to nobody, and the library ends the process where
            // one is forgotten before it is closed.
            channel.closeFuture.whenComplete { _ in withExtendedLifetime(value) {} }
            return value
        }
    }

    public func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }

    /// Takes the limits of HTTP off a connection that speaks another protocol from now on.
    public static func release(_ pipeline: ChannelPipeline.SynchronousOperations) throws {
        for handler in [
            try pipeline.context(handlerType: RequestGate.self), try pipeline.context(handlerType: ClientWatch.self),
        ] {
            pipeline.removeHandler(context: handler, promise: nil)
        }
    }
}
