import NIOCore
import Testing

@testable import Gateway

@Suite struct KeptAnswersTests {
    private typealias Answers = KeptAnswers<Int>

    private let now = ContinuousClock.now
    private var later: ContinuousClock.Instant { now + .seconds(5) }

    private func answer(_ text: String) -> Answers.Answer { .init(body: ByteBuffer(string: text), tag: text) }

    @Test func whatIsLoadedIsKeptForItsTime() {
        var answers = Answers(byteLimit: 1000)
        let load = answers.beginLoad(1)
        answers.endLoad(1, load, answer("a"), until: later)
        #expect(answers.answer(1, at: now)?.tag == "a")
        #expect(answers.answer(1, at: later) == nil && answers.answer(2, at: now) == nil)
    }

    @Test func whatWasReadBeforeAChangeIsNotKeptAfterIt() {
        var answers = Answers(byteLimit: 1000)
        let slow = answers.beginLoad(1)
        answers.drop(1)
        let quick = answers.beginLoad(1)
        answers.endLoad(1, quick, answer("new"), until: later)
        #expect(answers.answer(1, at: now)?.tag == "new")
        answers.endLoad(1, slow, answer("old"), until: later)
        #expect(answers.answer(1, at: now)?.tag != "old")
        let other = answers.beginLoad(2)
        answers.dropAll()
        answers.endLoad(2, other, answer("old"), until: later)
        #expect(answers.answer(2, at: now) == nil)
    }

    @Test func ofTwoLoadsThatAgreeOneIsKept() {
        var answers = Answers(byteLimit: 1000)
        let (first, second) = (answers.beginLoad(1), answers.beginLoad(1))
        answers.endLoad(1, first, answer("same"), until: later)
        answers.endLoad(1, second, answer("same"), until: later)
        #expect(answers.answer(1, at: now)?.tag == "same")
    }

    /// One was read before a change, the other behind it, and nobody knows which: whoever was shown the newer must not
    /// be shown the older again.
    @Test func ofLoadsThatDifferNoneIsKept() {
        var answers = Answers(byteLimit: 1000)
        let (first, second, third) = (answers.beginLoad(1), answers.beginLoad(1), answers.beginLoad(1))
        answers.endLoad(1, first, answer("old"), until: later)
        answers.endLoad(1, second, answer("new"), until: later)
        #expect(answers.answer(1, at: now) == nil)
        let fourth = answers.beginLoad(1)
        answers.endLoad(1, third, answer("old"), until: later)
        #expect(answers.answer(1, at: now) == nil)
        answers.endLoad(1, fourth, answer("new"), until: later)
        #expect(answers.answer(1, at: now)?.tag == "new")
    }

    @Test func aChangeOfOneIsNoneOfAnother() {
        var answers = Answers(byteLimit: 1000)
        let load = answers.beginLoad(1)
        answers.drop(2)
        answers.endLoad(1, load, answer("a"), until: later)
        #expect(answers.answer(1, at: now) != nil)
    }

    @Test func aLoadThatFailsKeepsNothing() {
        var answers = Answers(byteLimit: 1000)
        let load = answers.beginLoad(1)
        answers.endLoad(1, load, nil, until: later)
        #expect(answers.answer(1, at: now) == nil)
    }

    @Test func itTakesNoMoreThanItsBytes() {
        var answers = Answers(byteLimit: 1000)
        for key in 0..<100 {
            let load = answers.beginLoad(key)
            answers.endLoad(key, load, answer(String(repeating: "x", count: 100)), until: later)
            #expect(answers.answer(key, at: now) != nil)
        }
        #expect((0..<100).count { answers.answer($0, at: now) != nil } <= 10)
        let load = answers.beginLoad(1000)
        answers.endLoad(1000, load, answer(String(repeating: "x", count: 500)), until: later)
        #expect(answers.answer(1000, at: now) == nil, "one answer pushes no others out")
    }

    @Test func smallAnswersCountForMoreThanTheirBodies() {
        var answers = Answers(byteLimit: 1 << 20)
        for key in 0..<10_000 {
            let load = answers.beginLoad(key)
            answers.endLoad(key, load, answer("x"), until: later)
        }
        #expect((0..<10_000).count { answers.answer($0, at: now) != nil } <= 2048)
    }
}
