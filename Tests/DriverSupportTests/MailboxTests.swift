import DriverSupport
import Testing

@Suite("Mailbox", .timeLimit(.minutes(60)))
struct MailboxTests {
    private let mailbox = Mailbox(0)
    /// Later than any test takes: who waits until then has slept over something.
    private let farAway = MonotonicTime.now + .seconds(300)

    init() throws {
        try #require(mailbox.wake.open())
    }

    @Test("Nothing that was posted since the last look is slept over")
    func news() {
        mailbox.post { $0 += 1 }
        mailbox.wait(until: farAway)
        #expect(.now < farAway)
        #expect(mailbox.take { $0 } == 1)
        mailbox.post { $0 += 1 }
        // The signal for something else is no substitute for the look.
        mailbox.wake.signal()
        mailbox.wait(until: farAway)
        mailbox.wait(until: farAway)
        #expect(.now < farAway)
        #expect(mailbox.take { $0 } == 2)
    }

    @Test("An owner that is awake is not signalled: its next sleep is undisturbed")
    func awake() {
        mailbox.post { $0 += 1 }
        _ = mailbox.take { $0 }
        let moment = MonotonicTime.now + .milliseconds(20)
        mailbox.wait(until: moment)
        #expect(moment <= .now)
    }

    @Test("A change that throws is no news, and one that gives the owner nothing to do neither")
    func noNews() {
        #expect(throws: SystemError.self) { try mailbox.post { _ in throw SystemError("refused") } }
        mailbox.withContents { $0 = 7 }
        let moment = MonotonicTime.now + .milliseconds(20)
        mailbox.wait(until: moment)
        #expect(moment <= .now)
    }

    @Test("A sleeping owner is woken by the posts of many tasks at once")
    func manyPosts() async throws {
        let posts = 8 * 2000
        let hasOverslept = Mailbox(false)
        let owner = try OwningThread.start(name: "test-owner") { [mailbox, farAway] in
            var sum = 0
            while sum < posts {
                sum += mailbox.take { contents in
                    defer { contents = 0 }
                    return contents
                }
                if sum < posts { mailbox.wait(until: farAway) }
                if farAway <= .now { return hasOverslept.withContents { $0 = true } }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [mailbox] in
                    for number in 0..<2000 {
                        mailbox.post { $0 += 1 }
                        if number % 3 == 0 { await Task.yield() }
                    }
                }
            }
        }
        await owner.waitUntilEnded()
        #expect(!hasOverslept.withContents { $0 })
    }
}
