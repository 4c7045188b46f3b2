import Synchronization
import TestSupport
import Testing

@testable import Events

/// Work that a test holds up: notes its batches, and goes on when it is told to.
private final class HeldWork: Sendable {
    struct Spoiled: Error, Equatable {
        let item: Int
    }

    private struct State {
        var batches: [[Int]] = []
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// Items that spoil every batch they are in.
    private let spoiling: Set<Int>

    init(spoiling: Set<Int> = []) { self.spoiling = spoiling }

    var batches: [[Int]] { state.withLock { $0.batches } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func work(_ items: [Int]) async throws -> [Result<Int, any Error>] {
        state.withLock { $0.batches.append(items) }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
        try Task.checkCancellation()
        if let item = items.first(where: spoiling.contains) { throw Spoiled(item: item) }
        return items.map { $0 < 0 ? .failure(Spoiled(item: $0)) : .success($0 * 10) }
    }
}

@Suite struct GathererTests {
    /// Submits items one after the other while the first is under way.
    private func gather(
        _ items: [Int], limit: Int = 100, _ held: HeldWork,
        into group: inout ThrowingTaskGroup<Result<Int, any Error>, any Error>
    ) async throws -> Gatherer<Int, Int> {
        let gatherer = Gatherer(limit: limit, width: 1) { try await held.work($0) }
        for (number, item) in items.enumerated() {
            group.addTask {
                do { return .success(try await gatherer.submit(item)) } catch { return .failure(error) }
            }
            try await eventually("item \(number) is entered") {
                number == 0 ? held.batches.count == 1 : gatherer.waitingCount == number
            }
        }
        return gatherer
    }

    @Test("What comes while a batch is under way is the next batch, in its order and no larger than allowed")
    func batches() async throws {
        let held = HeldWork()
        try await withThrowingTaskGroup(of: Result<Int, any Error>.self) { group in
            _ = try await gather([1, 2, 3, 4, 5, 6], limit: 4, held, into: &group)
            #expect(held.batches == [[1]], "the first waits for nobody")
            held.open()
            var answers: [Int] = []
            for try await answer in group { answers.append(try answer.get()) }
            #expect(answers.sorted() == [10, 20, 30, 40, 50, 60])
        }
        #expect(held.batches == [[1], [2, 3, 4, 5], [6]])
    }

    @Test("An item that spoils its batch fails alone, and an answer that is a refusal spoils nothing")
    func halving() async throws {
        let held = HeldWork(spoiling: [4])
        try await withThrowingTaskGroup(of: Result<Int, any Error>.self) { group in
            _ = try await gather([1, 2, 3, 4, -5, 6], held, into: &group)
            held.open()
            var answers: [Int] = []
            var failures: [Int] = []
            for try await answer in group {
                do { answers.append(try answer.get()) } catch let error as HeldWork.Spoiled {
                    failures.append(error.item)
                }
            }
            #expect(answers.sorted() == [10, 20, 30, 60] && failures.sorted() == [-5, 4])
        }
        #expect(held.batches == [[1], [2, 3, 4, -5, 6], [2, 3], [4, -5, 6], [4], [-5, 6]])
    }

    @Test("A failure that is not the items' is everybody's, at once")
    func backend() async throws {
        let held = HeldWork(spoiling: [3])
        let gatherer = Gatherer<Int, Int>(limit: 100, width: 1, isOfAll: { $0 is HeldWork.Spoiled }) {
            try await held.work($0)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await gatherer.submit(1) }
            try? await eventually("one is under way") { held.batches.count == 1 }
            for item in [2, 3, 4] {
                group.addTask { await #expect(throws: HeldWork.Spoiled(item: 3)) { try await gatherer.submit(item) } }
            }
            try? await eventually("the others wait") { gatherer.waitingCount == 3 }
            held.open()
        }
        #expect(held.batches.count == 2)
    }

    @Test("Who leaves while waiting has had nothing done; a batch that nobody waits for is cancelled, no other is")
    func leaving() async throws {
        let held = HeldWork()
        let gatherer = Gatherer<Int, Int>(limit: 100, width: 1) { try await held.work($0) }
        let first = Task { try await gatherer.submit(1) }
        try await eventually("one is under way") { held.batches == [[1]] }
        let second = Task { try await gatherer.submit(2) }
        let third = Task { try await gatherer.submit(3) }
        try await eventually("two wait") { gatherer.waitingCount == 2 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        first.cancel()
        held.open()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(try await third.value == 30)
        #expect(held.batches == [[1], [3]])
        let gone = Task { try await gatherer.submit(4) }
        gone.cancel()
        _ = try? await gone.value
        #expect(try await gatherer.submit(5) == 50)
    }
}
