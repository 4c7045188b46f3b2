import Testing

@testable import RabbitMQ

@Suite("Confirm tracker")
struct ConfirmTrackerTests {
    private func outcomes(_ settled: [ConfirmTracker<String>.Settled]) -> [String: PublishOutcome] {
        Dictionary(uniqueKeysWithValues: settled.map { ($0.message, $0.outcome) })
    }

    @Test("Tags count from one")
    func tags() {
        var tracker = ConfirmTracker<String>()
        #expect((1...3).map { tracker.add("m\($0)") } == [1, 2, 3])
        #expect(tracker.unconfirmed == 3)
    }

    @Test("An ack settles its own message, a multiple one all up to it")
    func acks() throws {
        var tracker = ConfirmTracker<String>()
        for name in ["a", "b", "c", "d"] { tracker.add(name) }
        #expect(outcomes(try tracker.acknowledge(tag: 2, multiple: false)) == ["b": .confirmed])
        #expect(outcomes(try tracker.acknowledge(tag: 3, multiple: true)) == ["a": .confirmed, "c": .confirmed])
        #expect(tracker.unconfirmed == 1)
        #expect(tracker.add("e") == 5)
        #expect(outcomes(try tracker.acknowledge(tag: 0, multiple: true)) == ["d": .confirmed, "e": .confirmed])
        #expect(tracker.unconfirmed == 0)
    }

    @Test("A nack may be multiple as well")
    func nacks() throws {
        var tracker = ConfirmTracker<String>()
        for name in ["a", "b", "c"] { tracker.add(name) }
        #expect(outcomes(try tracker.reject(tag: 2, multiple: true)) == ["a": .nacked, "b": .nacked])
        #expect(outcomes(try tracker.acknowledge(tag: 3, multiple: false)) == ["c": .confirmed])
    }

    @Test("A confirm that comes twice settles nothing the second time")
    func repeated() throws {
        var tracker = ConfirmTracker<String>()
        tracker.add("a")
        tracker.add("b")
        _ = try tracker.acknowledge(tag: 1, multiple: false)
        #expect(try tracker.acknowledge(tag: 1, multiple: false).isEmpty)
        #expect(outcomes(try tracker.acknowledge(tag: 2, multiple: true)) == ["b": .confirmed])
        #expect(try tracker.acknowledge(tag: 2, multiple: false).isEmpty)
    }

    @Test("A returned message is reported as such when its ack comes, and only it")
    func returned() throws {
        var tracker = ConfirmTracker<String>()
        for name in ["a", "lost", "b"] { tracker.add(name) }
        #expect(tracker.markReturned(code: 312, reason: "NO_ROUTE") { $0 == "lost" })
        #expect(
            outcomes(try tracker.acknowledge(tag: 3, multiple: true)) == [
                "a": .confirmed, "lost": .returned(code: 312, reason: "NO_ROUTE"), "b": .confirmed,
            ])
    }

    @Test("Of equal messages each return marks another one, in order")
    func equalMessages() throws {
        var tracker = ConfirmTracker<String>()
        for _ in 1...3 { tracker.add("same") }
        #expect(tracker.markReturned(code: 312, reason: "1") { $0 == "same" })
        #expect(tracker.markReturned(code: 312, reason: "2") { $0 == "same" })
        let settled = try tracker.acknowledge(tag: 3, multiple: true)
        #expect(
            settled.map(\.outcome) == [
                .returned(code: 312, reason: "1"), .returned(code: 312, reason: "2"), .confirmed,
            ])
    }

    @Test("A return that matches nothing is told")
    func unknownReturn() throws {
        var tracker = ConfirmTracker<String>()
        tracker.add("a")
        #expect(!tracker.markReturned(code: 312, reason: "") { $0 == "b" })
        #expect(outcomes(try tracker.acknowledge(tag: 1, multiple: false)) == ["a": .confirmed])
    }

    @Test("A returned message that is nacked was not taken for the latter reason")
    func returnedThenNacked() throws {
        var tracker = ConfirmTracker<String>()
        tracker.add("a")
        tracker.markReturned(code: 312, reason: "") { _ in true }
        #expect(outcomes(try tracker.reject(tag: 1, multiple: false)) == ["a": .nacked])
    }

    @Test("A confirm for a message never published is a violation", arguments: [2 as UInt64, 100])
    func unknownTag(tag: UInt64) {
        var tracker = ConfirmTracker<String>()
        tracker.add("a")
        #expect(throws: RabbitMQError.self) { try tracker.acknowledge(tag: tag, multiple: true) }
        #expect(throws: RabbitMQError.self) { try tracker.acknowledge(tag: 0, multiple: false) }
    }

    @Test("Any order of single and multiple confirms settles each message once")
    func anyOrder() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 1...50 {
            var tracker = ConfirmTracker<UInt64>()
            var settled: [UInt64] = []
            var published: UInt64 = 0
            while published < 5000 {
                for _ in 1...UInt64.random(in: 1...200, using: &generator) {
                    published += 1
                    #expect(tracker.add(published) == published)
                }
                let tag = UInt64.random(in: 1...published, using: &generator)
                let some = try tracker.acknowledge(tag: tag, multiple: Bool.random(using: &generator))
                settled += some.map(\.message)
                #expect(tracker.unconfirmed == Int(published) - settled.count)
            }
            settled += try tracker.acknowledge(tag: 0, multiple: true).map(\.message)
            #expect(settled.sorted() == Array(1...published))
        }
    }
}
