import Synchronization
import TestSupport
import Testing

@testable import Events

/// What batches set off, which ends when a test says so.
private final class HeldConsequences: Sendable {
    private struct State {
        var begun: [[Int]] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// The answers of the batches whose consequences have begun.
    var begun: [[Int]] { state.withLock { $0.begun } }

    func follow(_ answers: [Int]) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.begun.append(answers)
                state.waiting.append(continuation)
            }
        }
    }

    func endFirst() { state.withLock { $0.waiting.removeFirst() }.resume() }
}

@Suite struct GatherPaceTests {
    /// A gatherer whose items succeed if they are positive, and whose consequences are held.
    private func gatherer(crowd: Int, _ held: HeldConsequences) -> Gatherer<Int, Int> {
        Gatherer(limit: 100, width: 2, pace: GatherPace(crowd: crowd) { await held.follow($0) }) { items in
            items.map { $0 > 0 ? .success($0) : .failure(CancellationError()) }
        }
    }

    @Test("A batch is answered at once, and the next goes with all who have come until its consequences are over")
    func together() async throws {
        let held = HeldConsequences()
        let gatherer = gatherer(crowd: 100, held)
        #expect(try await gatherer.submit(1) == 1)
        try await eventually("its consequences have begun") { held.begun == [[1]] }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for item in 2...4 {
                group.addTask { try await gatherer.submit(item) }
                try await eventually("\(item) waits") { gatherer.waitingCount == item - 1 }
            }
            held.endFirst()
            for try await _ in group {}
        }
        try await eventually("theirs have begun") { held.begun == [[1], [2, 3, 4]] }
        held.endFirst()
        #expect(try await gatherer.submit(5) == 5, "whoever comes late is not left behind")
        try await eventually("the last have begun") { held.begun.count == 3 }
        held.endFirst()
    }

    @Test("A crowd does not wait for what others have set off")
    func crowd() async throws {
        let held = HeldConsequences()
        let gatherer = gatherer(crowd: 3, held)
        #expect(try await gatherer.submit(1) == 1)
        try await eventually("its consequences have begun") { held.begun == [[1]] }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for item in 2...4 { group.addTask { try await gatherer.submit(item) } }
            for try await _ in group {}
        }
        try await eventually("theirs have begun") { held.begun.map(\.count) == [1, 3] }
        held.endFirst()
        held.endFirst()
    }

    @Test("What has failed has no consequences, and nobody waits for them")
    func failed() async throws {
        let held = HeldConsequences()
        let gatherer = gatherer(crowd: 100, held)
        await #expect(throws: CancellationError.self) { try await gatherer.submit(-1) }
        #expect(try await gatherer.submit(2) == 2)
        try await eventually("its consequences have begun") { held.begun == [[2]] }
        held.endFirst()
    }

    @Test("Those of the last batch are given a third of its time to come back, and whoever was alone waits for nobody")
    func company() {
        let start = ContinuousClock.now
        var keeper = PaceKeeper(crowd: 10)
        keeper.begin()
        #expect(!keeper.allows(9, besides: 0, at: start) && keeper.allows(10, besides: 1, at: start))
        #expect(keeper.end(1, waiting: 0, after: .milliseconds(30), at: start) == nil)
        #expect(keeper.allows(1, besides: 0, at: start) && !keeper.allows(1, besides: 1, at: start))
        keeper.begin()
        #expect(keeper.end(3, waiting: 2, after: .milliseconds(30), at: start) == .milliseconds(10))
        #expect(!keeper.allows(4, besides: 0, at: start + .milliseconds(9)))
        #expect(keeper.allows(5, besides: 0, at: start + .milliseconds(9)), "all have come")
        #expect(keeper.allows(1, besides: 0, at: start + .milliseconds(10)), "the time is over")
    }
}
