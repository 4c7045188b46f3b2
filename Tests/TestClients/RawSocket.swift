public import Hosting
public import NIOCore
import NIOPosix

/// The head of an HTTP answer.
public struct RawAnswer: Sendable {
    public var status = 0
    /// By name in lower case.
    public var headers: [String: String] = [:]
    public var body = ""
}

/// A connection on which a test says what it likes.
public final class RawSocket {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    public private(set) var received = ByteBuffer()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ channel: any Channel
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
        self.channel = channel
    }

    /// - Parameters:
    ///   - window: How many bytes the system takes from the other side while nobody reads them.
    ///   - source: The address of this machine that it comes from, such as 127.0.0.2.
    public static func with(
        _ address: HostPort, window: Int? = nil, from source: String? = nil, _ body: (RawSocket) async throws -> Void
    ) async throws {
        // A busy server may be late to take it.
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(60))
        if let window {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(window))
        }
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        let channel = try await bootstrap.connect(host: address.host, port: address.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
        try await channel.executeThenClose { inbound, outbound in
            try await body(RawSocket(inbound, outbound, channel.channel))
        }
    }

    public func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    public func send(_ bytes: ByteBuffer) async throws { try await outbound.write(bytes) }

    /// Says that nothing more will come, and waits for the connection's end. What still comes is passed over.
    public func finish() async {
        outbound.finish()
        await drain()
    }

    /// Waits for the connection's end; what still comes is passed over.
    public func drain() async {
        while await more() { received.clear() }
        received.clear()
    }

    /// Sends the same again and again until the other side has closed the connection.
    ///
    /// - Returns: How many bytes could be sent.
    public func sendUntilClosed(_ text: String, every pause: Duration = .zero) async -> Int {
        var count = 0
        let bytes = ByteBuffer(string: text)
        do {
            while true {
                // The writer would take far more than the system does.
                try await channel.writeAndFlush(bytes).get()
                count += bytes.readableBytes
                if pause > .zero { try await Task.sleep(for: pause) }
            }
        } catch {
            return count
        }
    }

    /// Waits for more. False at the connection's end.
    private func more() async -> Bool {
        guard var chunk = try? await inbound.next() else { return false }
        received.writeBuffer(&chunk)
        return true
    }

    /// The next bytes; nil if the connection ends before.
    public func bytes(_ count: Int) async -> ByteBuffer? {
        while received.readableBytes < count {
            guard await more() else { return nil }
        }
        return received.readSlice(length: count)
    }

    /// Whether the connection ends without another byte.
    public func hasEnded() async -> Bool {
        if received.readableBytes > 0 { return false }
        return await !more()
    }

    /// The next HTTP answer, with its body unless it is a 101.
    public func answer() async -> RawAnswer? {
        var text = ""
        while !text.hasSuffix("\r\n\r\n") {
            guard let byte = await bytes(1) else { return nil }
            text += String(buffer: byte)
            // One character to Swift, two bytes to HTTP.
        }
        var answer = RawAnswer()
        for (index, line) in text.split(separator: "\r\n").enumerated() {
            if index == 0 {
                answer.status = Int(line.split(separator: " ")[1]) ?? 0
            } else if let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...].drop(while: { $0 == " " })
                answer.headers[line[..<colon].lowercased()] = String(value)
            }
        }
        if let length = answer.headers["content-length"].flatMap({ Int($0) }), length > 0 {
            answer.body = await bytes(length).map { String(buffer: $0) } ?? ""
        }
        return answer
    }
}
