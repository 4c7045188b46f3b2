import Dispatch
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import Telemetry

@Suite("Writing records")
struct LogWriterTests {
    private struct Pipe {
        let reading: Int32
        let writing: Int32

        /// - Parameter capacity: In bytes; the kernel gives at least a page.
        init(capacity: Int32 = 4096, blocks: Bool = true) throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
            try #require(fcntl(writing, PipeCommand.setSize, capacity) >= 0)
            if !blocks { try #require(fcntl(writing, F_SETFL, O_NONBLOCK) == 0) }
        }

        /// Reads on a thread of its own until `isEnough`, for reading and writing wait for each other.
        func read(until isEnough: @escaping @Sendable ([UInt8]) -> Bool) async -> [UInt8] {
            let reading = reading
            return await Self.onThread {
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 5000)
                while !isEnough(bytes) {
                    let length = Glibc.read(reading, &chunk, chunk.count)
                    guard length > 0 else { break }
                    bytes += chunk[..<length]
                }
                return bytes
            }
        }

        private final class Start: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }

        private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
            return await withCheckedContinuation { continuation in
                var thread = pthread_t()
                pthread_create(
                    &thread, nil,
                    { argument in
                        if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                        return nil
                    }, Unmanaged.passRetained(Start { continuation.resume(returning: body()) }).toOpaque())
                pthread_detach(thread)
            }
        }
    }

    /// How many records are here as a whole, or counted as lost.
    private static func accounted(in bytes: [UInt8]) -> Int {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return 0 }
        return String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n").reduce(0) { sum, line in
            sum + (line.hasPrefix("lost ") ? Int(line.dropFirst("lost ".count)) ?? 0 : 1)
        }
    }

    private static func lossRecord(_ count: Int) -> [UInt8] { Array("lost \(count)\n".utf8) }

    @Test("A record larger than a non-blocking pipe arrives whole")
    func fullPipe() async throws {
        let pipe = try Pipe(blocks: false)
        let record = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let writer = LogWriter(descriptor: pipe.writing, lossRecord: Self.lossRecord)
        writer.append(record)
        let isWhole = await pipe.read { $0.count >= 300_000 } == record
        #expect(isWhole)
    }

    @Test("While nobody reads, whoever logs goes on; what did not fit is counted, and the count is logged")
    func nobodyReads() async throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writing, capacity: 10_000, lossRecord: Self.lossRecord)
        for number in 0..<5000 { writer.append(Array("record \(number)\n".utf8)) }
        #expect(!writer.flush(within: .milliseconds(1)))
        // Each record is either here or counted as lost.
        let text = String(decoding: await pipe.read { Self.accounted(in: $0) >= 5000 }, as: UTF8.self)
        #expect(Self.accounted(in: Array(text.utf8)) == 5000)
        // Nothing is out of order, and nothing is cut in two.
        let lines = text.split(separator: "\n")
        let numbers = lines.filter { $0.hasPrefix("record ") }.compactMap { Int($0.dropFirst("record ".count)) }
        #expect(numbers == numbers.sorted())
        #expect(numbers.count + lines.count { $0.hasPrefix("lost ") } == lines.count)
        #expect(numbers.count < 5000)
        writer.append(Array("after\n".utf8))
        #expect(String(decoding: await pipe.read { !$0.isEmpty }, as: UTF8.self) == "after\n")
    }

    @Test("A reader that is gone, or no descriptor at all, costs records and nothing else")
    func readerGone() throws {
        let pipe = try Pipe()
        close(pipe.reading)
        for descriptor in [pipe.writing, -1] {
            let writer = LogWriter(descriptor: descriptor, lossRecord: Self.lossRecord)
            for _ in 0..<100 { writer.append(Array("record\n".utf8)) }
            // It fails otherwise by the end of the process: SIGPIPE.
            while !writer.flush(within: .seconds(1)) {}
        }
    }

    @Test("A flush waits for what was logged before it")
    func flush() async throws {
        let pipe = try Pipe(capacity: 1 << 16)
        let writer = LogWriter(descriptor: pipe.writing, lossRecord: Self.lossRecord)
        for _ in 0..<100 { writer.append(Array("record\n".utf8)) }
        while !writer.flush(within: .seconds(1)) {}
        close(pipe.writing)
        #expect(await pipe.read { _ in false }.count == 700)
    }
}

private enum PipeCommand {
    /// `F_SETPIPE_SZ`, which the C library shows to GNU programs only.
    static let setSize: Int32 = 1031
}

@Suite("Random ids")
struct RandomIDTests {
    @Test("Ids are of version 4, and no two alike")
    func random() {
        let ids = (0..<1000).map { _ in UUID.random() }
        #expect(Set(ids).count == 1000)
        for id in ids {
            #expect(id.uuid.6 >> 4 == 4)
            #expect(id.uuid.8 >> 6 == 2)
        }
    }
}
