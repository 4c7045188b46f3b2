import Glibc
import NIOHTTP1
import TestSupport
import Testing

extension SystemTests {
    /// A shop whose standard error is a pipe.
    @Suite(.inTurn, .serialized) struct LogReaderTests {
        @Test("A log that nobody reads stops neither requests nor probes, nor SIGTERM")
        func nobodyReads() async throws {
            try await withFixture { fixture in
                let shop = try await Shop.prepare(.oneProcess, on: fixture, settings: ["SHOPCTL_LOG_LEVEL": "debug"])
                let process = shop.processes[0]
                let path = process.log
                try #require(mkfifo(path, 0o600) == 0)
                // Open for both, so that the server's own opening finds a reader, which never reads.
                let pipe = open(path, O_RDWR | O_CLOEXEC)
                try #require(pipe >= 0)
                defer { close(pipe) }
                // F_SETPIPE_SZ, which the C library shows to GNU programs only.
                try #require(fcntl(pipe, 1031, 4096) >= 0)
                // Its end, by SIGTERM and with exit status 0, is expected as that of every shop.
                try await shop.run {
                    // A record that does not fit as a whole waits, and all others behind it.
                    for _ in 0..<100 { try await shop.get("/api/products/clothes").expect(200) }
                    let waiting = try self.waiting(in: pipe)
                    for _ in 0..<20 { try await shop.get("/api/products/clothes").expect(200) }
                    #expect(try self.waiting(in: pipe) == waiting, "the pipe is full")
                    #expect(await process.isReady)
                    #expect(try await process.admin.send(.GET, "/livez").status == 200)
                }
            }
        }

        /// The bytes that wait to be read.
        private func waiting(in pipe: Int32) throws -> Int32 {
            var count: Int32 = 0
            try #require(ioctl(pipe, UInt(FIONREAD), &count) == 0)
            return count
        }

        @Test("A log whose reader has gone ends nothing")
        func readerGone() async throws {
            try await withFixture { fixture in
                // Every request is logged.
                let shop = try await Shop.prepare(.oneProcess, on: fixture, settings: ["SHOPCTL_LOG_LEVEL": "debug"])
                let path = shop.processes[0].log
                try #require(mkfifo(path, 0o600) == 0)
                let pipe = open(path, O_RDWR | O_CLOEXEC)
                try #require(pipe >= 0)
                try await shop.run {
                    close(pipe)
                    for _ in 0..<10 { try await shop.get("/api/products/clothes").expect(200) }
                    #expect(await shop.processes[0].isReady)
                }
            }
        }
    }
}
