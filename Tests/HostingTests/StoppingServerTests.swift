import Synchronization
import TestClients
import Testing

@testable import Hosting

@Suite("A server stops well whatever its callers do")
struct StoppingServerTests {
    @Test("Callers connect while it stops")
    func connecting() async throws {
        let target = Target()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    while !target.isOver.withLock({ $0 }) {
                        guard let address = target.address.withLock({ $0 }) else {
                            await Task.yield()
                            continue
                        }
                        // Refused while nobody listens.
                        try? await RawSocket.with(address) { _ in }
                    }
                }
            }
            defer { target.isOver.withLock { $0 = true } }
            for _ in 0..<30 {
                try await RunningHost.with { running in
                    target.address.withLock { $0 = running.address }
                    try await running.expectToLive()
                }
                // Its port may be another test's by now.
                target.address.withLock { $0 = nil }
            }
        }
    }
}

/// Whom callers connect to, and whether they are to go on.
private final class Target: Sendable {
    let isOver = Mutex(false)
    let address = Mutex<HostPort?>(nil)
}
