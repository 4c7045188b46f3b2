import Glibc
import TestSupport
import Testing

extension SystemTests {
    /// A shop whose standard error is a pipe.
    @Suite struct LogReaderTests {
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
                try #require(fcntl(pipe, F_SETPIPE_SZ, 4096) >= 0)
                // Its end, by SIGTERM and with exit status 0, is expected as that of every shop.
                try await shop.run {
                    for _ in 0..<100 {
                        try await shop.get("/api/products/clothes").expect(200)
                    }
                    var waiting: Int32 = 0
                    try #require(ioctl(pipe, UInt(FIONREAD), &waiting) == 0)
                    #expect(waiting == 4096, "the pipe is full")
                    #expect(await process.isReady)
                    #expect(try await process.admin.send(.GET, "/livez").status == 200)
                }
            }
        }

        @Test("A log whose reader has gone ends nothing")
        func readerGone() async throws {
            try await withFixture { fixture in
                let shop = try await Shop.prepare(.oneProcess, on: fixture)
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
