import Glibc
import Synchronization
import Testing

@testable import Passwords

/// A gate that work on another thread waits at.
private final class Gate: Sendable {
    private let ends: (reading: Int32, writing: Int32)

    init() {
        var descriptors: [Int32] = [-1, -1]
        pipe(&descriptors)
        ends = (descriptors[0], descriptors[1])
    }

    deinit {
        close(ends.reading)
        close(ends.writing)
    }

    func open(times: Int = 1) {
        let bytes = [UInt8](repeating: 1, count: times)
        _ = write(ends.writing, bytes, times)
    }

    /// Blocks the calling thread, which is never one of the cooperative pool.
    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.reading, &byte, 1)
    }
}

@Suite("The line for passwords", .timeLimit(.minutes(60)))
struct WorkLineTests {
    private func eventually(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(2)) }
    }

    @Test("Only so many run at once, only so many wait, and the next is refused")
    func bounds() async throws {
        let line = WorkLine(maximumThreads: 2, maximumWaiting: 3)
        let gate = Gate()
        let running = Mutex((now: 0, most: 0))
        let work: @Sendable () -> Void = {
            running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            gate.wait()
            running.withLock { $0.now -= 1 }
        }
        try await withThrowingTaskGroup { group in
            for _ in 0..<5 { group.addTask { try await line.run(work) } }
            try await eventually { line.waitingCount == 3 && running.withLock { $0.now } == 2 }
            await #expect(throws: PasswordError.busy) { try await line.run(work) }
            gate.open(times: 5)
            try await group.waitForAll()
        }
        #expect(running.withLock { $0.most } == 2)
        // The line is open again.
        #expect(try await line.run { 42 } == 42)
    }

    @Test("A flood of one kind neither fills the others' lines nor goes before them")
    func lanes() async throws {
        let line = WorkLine(maximumThreads: 1, maximumWaiting: 10)
        let gate = Gate()
        let order = Mutex<[PasswordLane]>([])
        let note: @Sendable (PasswordLane) -> Void = { lane in order.withLock { $0.append(lane) } }
        try await withThrowingTaskGroup { group in
            group.addTask { try await line.run(in: .signUp) { gate.wait() } }
            try await eventually { line.threadCount == 1 }
            for _ in 0..<10 { group.addTask { try await line.run(in: .signUp) { note(.signUp) } } }
            try await eventually { line.waitingCount == 10 }
            await #expect(throws: PasswordError.busy) { try await line.run(in: .signUp) { note(.signUp) } }
            for lane in [PasswordLane.signIn, .change] {
                group.addTask { try await line.run(in: lane) { note(lane) } }
            }
            try await eventually { line.waitingCount == 12 }
            gate.open()
            try await group.waitForAll()
        }
        let first = order.withLock { $0.prefix(3) }
        #expect(Set(first) == [.signIn, .signUp, .change])
        #expect(order.withLock { $0.count } == 12)
    }

    @Test("Passwords are worked on with less right to a processor than all else has")
    func priority() async throws {
        let line = WorkLine(maximumThreads: 1, maximumWaiting: 1)
        @Sendable func standing() -> [Int32] {
            [sched_getscheduler(0), getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)]
        }
        #expect(try await line.run(standing) == [WorkThread.batchPolicy, WorkThread.niceness])
        #expect(standing() != [WorkThread.batchPolicy, WorkThread.niceness])
    }

    @Test("Half of the processors are for passwords, at least one")
    func half() {
        let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        #expect(ProcessorCount.half == max(1, processors / 2))
        #expect(PasswordHasher().line.maximumThreads == ProcessorCount.half)
    }

    @Test("A cancelled caller leaves the line, and its work is never done")
    func cancelledInLine() async throws {
        let line = WorkLine(maximumThreads: 1, maximumWaiting: 1)
        let gate = Gate()
        let first = Task { try await line.run { gate.wait() } }
        try await eventually { line.threadCount == 1 }
        let second = Task { try await line.run { _ = Issue.record("ran") } }
        try await eventually { line.waitingCount == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(line.waitingCount == 0)
        gate.open()
        try await first.value
    }

    @Test("A cancelled caller does not wait for work that runs")
    func cancelledAtWork() async throws {
        let line = WorkLine(maximumThreads: 1, maximumWaiting: 1)
        let gate = Gate()
        let first = Task { try await line.run { gate.wait() } }
        try await eventually { line.threadCount == 1 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        gate.open()
        #expect(try await line.run { 1 } == 1)
    }

    @Test("A caller that is cancelled already starts nothing")
    func cancelledBefore() async throws {
        let line = WorkLine(maximumThreads: 1, maximumWaiting: 1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await line.run { _ = Issue.record("ran") }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(line.threadCount == 0)
    }

    @Test("Threads end when there is no more work")
    func threadsEnd() async throws {
        let line = WorkLine(maximumThreads: 4, maximumWaiting: 100)
        try await withThrowingTaskGroup { group in
            for number in 0..<50 { group.addTask { try await line.run { number } } }
            var sum = 0
            for try await number in group { sum += number }
            #expect(sum == 1225)
        }
        try await eventually { line.threadCount == 0 }
    }

    @Test("An error of the work is the caller's")
    func error() async {
        struct Broken: Error {}
        let line = WorkLine(maximumThreads: 1, maximumWaiting: 1)
        let work: @Sendable () throws -> Int = { throw Broken() }
        await #expect(throws: Broken.self) { _ = try await line.run(work) }
    }
}
