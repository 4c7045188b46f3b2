import DriverSupport
import Glibc
import Synchronization
import Testing

@Suite("Owning thread", .timeLimit(.minutes(60)))
struct OwningThreadTests {
    private static func blocks(_ signal: Int32) -> Bool {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return sigismember(&mask, signal) == 1
    }

    @Test("Takes no signals, and leaves its creator's mask as it was")
    func signals() async throws {
        let isDeaf = Atomic(false)
        let before = Self.blocks(SIGTERM)
        let thread = try OwningThread.start(name: "test-signals") {
            isDeaf.store(Self.blocks(SIGTERM) && Self.blocks(SIGPIPE), ordering: .relaxed)
        }
        #expect(Self.blocks(SIGTERM) == before)
        await thread.waitUntilEnded()
        let wasDeaf = isDeaf.load(ordering: .relaxed)
        #expect(wasDeaf)
    }

    @Test("Its end is told to all who wait for it, and to who asks later")
    func end() async throws {
        let gate = WakeUp()
        try #require(gate.open())
        let thread = try OwningThread.start(name: "test-end") { gate.wait() }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { await thread.waitUntilEnded() } }
            gate.signal()
        }
        await thread.waitUntilEnded()
    }
}
