import TestSupport
import Testing

@testable import Hosting

@Suite("A stream of many conversations costs what those of known callers cost", .timeLimit(.minutes(5)))
struct StreamTasksTests {
    private static func never() async throws { try await Task.sleep(for: .seconds(86_400)) }

    @Test("A conversation that has ended gives its number back")
    func numbers() async throws {
        let tasks = StreamTasks<String>(limit: 2, patience: .seconds(86_400))
        let (first, second) = (Gate(), Gate())
        #expect(tasks.start(1, with: "a") { _ in await first.wait() })
        #expect(!tasks.start(1, with: "b") { _ in })
        #expect(tasks[1] == "a")
        for number: UInt64 in 2..<50 {
            #expect(tasks.start(number, with: "") { _ in })
            try await eventually("it has ended") { tasks.count == 1 }
        }
        #expect(tasks.start(2, with: "") { _ in await first.wait() })
        #expect(!tasks.start(3, with: "") { _ in })
        tasks.stop(1)
        #expect(tasks[1] == nil)
        #expect(tasks.start(1, with: "c") { _ in await second.wait() })
        first.open()
        try await eventually("the others have ended") { tasks.count == 1 }
        #expect(tasks[1] == "c")
        second.open()
        try await eventually("all have ended") { tasks.count == 0 }
    }

    @Test("A stream of nobody that is known ends, whatever is said on it")
    func unused() async throws {
        let tasks = StreamTasks<Void>(limit: 10, patience: .milliseconds(1))
        try await tasks.serve {
            var number: UInt64 = 0
            while true {
                number += 1
                _ = tasks.start(number, with: ()) { _ in }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(tasks[1] == nil)
    }

    @Test("One that carries a conversation of somebody known is kept until that has ended")
    func used() async throws {
        let tasks = StreamTasks<Void>(limit: 1, patience: .milliseconds(1))
        let (isAdmitted, end) = (Gate(), Gate())
        let isStarted = tasks.start(1, with: ()) { conversation in
            conversation.admit()
            isAdmitted.open()
            await end.wait()
        }
        #expect(isStarted)
        await isAdmitted.wait()
        let ended = Notes<Bool>()
        let serving = Task {
            try await tasks.serve(Self.never)
            ended.add(true)
        }
        // Those of others end meanwhile.
        for _ in 0..<20 { try await StreamTasks<Void>(limit: 1, patience: .milliseconds(1)).serve(Self.never) }
        #expect(ended.all.isEmpty)
        end.open()
        try await serving.value
    }
}
