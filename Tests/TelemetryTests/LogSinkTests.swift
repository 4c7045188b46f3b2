import Glibc
import Testing

@testable import Telemetry

@Suite("Writing records")
struct LogSinkTests {
    @Test("A record larger than a non-blocking pipe arrives whole")
    func fullPipe() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        try #require(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
        let record = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        // Each on a thread of its own: reading and writing wait for each other.
        Thread.start {
            continuation.yield(Self.read(300_000, from: reading))
            continuation.finish()
        }
        Thread.start {
            LogSink.writeFully(record, to: writing)
            close(writing)
        }
        for await bytes in received {
            let isWhole = bytes == record
            #expect(isWhole, "\(bytes.count) bytes")
        }
        close(reading)
    }

    private static func read(_ count: Int, from descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 5000)
        while bytes.count < count {
            let length = Glibc.read(descriptor, &chunk, chunk.count)
            guard length > 0 else { break }
            bytes += chunk[..<length]
        }
        return bytes
    }

    @Test("Writing to a closed descriptor gives up")
    func closedDescriptor() {
        LogSink.writeFully([1, 2, 3], to: -1)
    }
}

/// A thread for a blocking call of a test.
private enum Thread {
    private final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Start(body)).toOpaque())
        pthread_detach(thread)
    }
}
