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
        answers.endLoad(1, slow, answer("old"), until: later)
        #expect(answers.answer(1, at: now)?.tag == "new")
        let other = answers.beginLoad(2)
        answers.dropAll()
        answers.endLoad(2, other, answer("old"), until: later)
        #expect(answers.answer(2, at: now) == nil)
    }

    @Test func ofTwoLoadsTheFirstToEndIsKept() {
        var answers = Answers(byteLimit: 1000)
        let (first, second) = (answers.beginLoad(1), answers.beginLoad(1))
        answers.endLoad(1, first, answer("new"), until: later)
        // It may have read before a change that the first one has seen.
        answers.endLoad(1, second, answer("old"), until: later)
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
}
