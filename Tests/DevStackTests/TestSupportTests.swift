import DevStack
import Glibc
import Synchronization
import Testing

@testable import TestSupport

/// The helpers the other suites stand on.
@Suite struct TestSupportTests {
    @Test func allSuitesShareOneStack() async throws {
        async let one = TestStack.shared()
        async let two = TestStack.shared()
        let (first, second) = try await (one, two)
        #expect(first === second)
        #expect(first.state.phase == .running)
    }

    @Test func aTemplateIsPreparedOnceAndCopied() async throws {
        try await withFixture { fixture in
            let prepared = Atomic<Int>(0)
            let key = fixture.stack.uniqueName("key")
            let control = fixture.stack.postgres
            let prepare: @Sendable (String) async throws -> Void = { url in
                prepared.add(1, ordering: .relaxed)
                let name = String(url.split(separator: "/").last ?? "")
                try await control.execute("CREATE TABLE thing (id int); INSERT INTO thing VALUES (7)", database: name)
            }
            async let one = fixture.database(template: key, prepare: prepare)
            async let two = fixture.database(template: key, prepare: prepare)
            let (first, second) = try await (one, two)
            #expect(prepared.load(ordering: .relaxed) == 1)
            #expect(first.name != second.name)
            try await control.execute("DELETE FROM thing", database: first.name)
            #expect(try await control.execute("SELECT id FROM thing", database: second.name) == ["7"])
        }
    }

    @Test func whatATestMakesIsGoneAfterIt() async throws {
        let stack = try await TestStack.shared()
        let names = try await withFixture { fixture in
            let database = try await fixture.database()
            let vhost = try await fixture.vhost()
            #expect(vhost.url.hasSuffix("/" + vhost.name))
            #expect(fixture.redis().keyPrefix != fixture.redis().keyPrefix)
            return [database.name, vhost.name]
        }
        #expect(try await !stack.postgres.execute("SELECT datname FROM pg_database").contains(names[0]))
        #expect(try await stack.broker.evaluate("rabbit_vhost:exists(<<\"\(names[1])\">>)") == "false")
    }

    /// The node takes one connection from a caller of a name at a time.
    @Test func manyMayAskTheBrokerAtOnce() async throws {
        let broker = try await TestStack.shared().broker
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 { group.addTask { try await broker.evaluate("\(number) * 2") } }
            var answers: Set<String> = []
            for try await answer in group { answers.insert(answer) }
            #expect(answers == Set((0..<20).map { "\($0 * 2)" }))
        }
    }

    @Test func cleanUpIsInReverseAndComplete() async throws {
        struct Failure: Error {}
        let order = Mutex<[Int]>([])
        let fixture = Fixture(stack: try await TestStack.shared())
        fixture.atEnd { order.withLock { $0.append(1) } }
        fixture.atEnd { throw Failure() }
        fixture.atEnd { order.withLock { $0.append(3) } }
        await #expect(throws: Failure.self) { try await fixture.cleanUp() }
        #expect(order.withLock { $0 } == [3, 1])
        try await fixture.cleanUp()
    }

    @Test func theTestsOwnErrorGoesFirst() async throws {
        struct First: Error {}
        struct Second: Error {}
        await #expect(throws: First.self) {
            try await withFixture { fixture in
                fixture.atEnd { throw Second() }
                throw First()
            }
        }
    }

    @Test func aStackThatIsUsedAgainIsFreedOfLeftovers() async throws {
        let stack = try await TestStack.shared()
        // No process has this id: it is above what the kernel hands out.
        let abandoned = "t999999999_1"
        let other = "x999999999_1"
        try await stack.postgres.createDatabase(abandoned)
        try await stack.broker.createVirtualHosts([abandoned, other])
        let own = try await stack.database()
        try await stack.removeLeftovers()
        let databases = try await stack.postgres.execute("SELECT datname FROM pg_database")
        #expect(!databases.contains(abandoned))
        #expect(databases.contains(own.name))
        #expect(try await stack.broker.evaluate("rabbit_vhost:exists(<<\"\(abandoned)\">>)") == "false")
        #expect(try await stack.broker.evaluate("rabbit_vhost:exists(<<\"\(other)\">>)") == "true")
        try await stack.broker.deleteVirtualHosts([other])
        try await own.drop()
    }

    @Test func pollingEndsWithItsDeadline() async throws {
        let error = await #expect(throws: EventuallyTimedOut.self) {
            try await eventually("the moon", timeout: .milliseconds(1), interval: .milliseconds(1)) { false }
        }
        #expect(error?.description.contains("the moon") == true)
        #expect(try await eventuallyValue { 7 } == 7)
    }
}
