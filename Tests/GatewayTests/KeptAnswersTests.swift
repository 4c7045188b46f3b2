import NIOCore
import Testing

@testable import Gateway

@Suite struct KeptAnswersTests {
    private typealias Answers = KeptAnswers<Int>

    private let now = ContinuousClock.now
    private var later: ContinuousClock.Instant { now + .seconds(5) }

    private func answer(_ text: String, showing products: [Int64] = []) -> KeptAnswer {
        KeptAnswer(body: ByteBuffer(string: text), tag: text, products: products)
    }

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
        answers.endLoad(1, fourth, answer("new"), until: later)
        #expect(answers.answer(1, at: now) == nil)
        let fifth = answers.beginLoad(1)
        answers.endLoad(1, fifth, answer("new"), until: later)
        #expect(answers.answer(1, at: now)?.tag == "new")
    }

    /// A load that was ended may have read last all the same.
    @Test func noneIsKeptThatDiffersFromOneThatWasNot() {
        var answers = Answers(byteLimit: 1000)
        let slow = answers.beginLoad(1)
        answers.drop(1)
        let quick = answers.beginLoad(1)
        answers.endLoad(1, slow, answer("new"), until: later)
        answers.endLoad(1, quick, answer("old"), until: later)
        #expect(answers.answer(1, at: now) == nil)
        let first = answers.beginLoad(2)
        answers.drop(2)
        let second = answers.beginLoad(2)
        answers.endLoad(2, first, answer("same"), until: later)
        answers.endLoad(2, second, answer("same"), until: later)
        #expect(answers.answer(2, at: now)?.tag == "same")
    }

    @Test func aProductsChangeDropsWhatShowsIt() {
        var answers = Answers(byteLimit: 10_000)
        func keep(_ key: Int, showing products: [Int64]) {
            let load = answers.beginLoad(key)
            answers.endLoad(key, load, answer("a", showing: products), until: later)
        }
        func areKept() -> [Bool] { (1...3).map { answers.answer($0, at: now) != nil } }
        keep(1, showing: [7, 8])
        keep(2, showing: [8])
        keep(3, showing: [])
        answers.drop(showing: 7)
        #expect(areKept() == [false, true, true])
        keep(1, showing: [7])
        answers.drop(showing: 8)
        #expect(areKept() == [true, false, true], "it shows the one that has changed no longer")
        answers.drop(showing: 9)
        #expect(areKept() == [true, false, true])
    }

    @Test func aProductsChangeEndsTheLoadsThatTurnOutToShowIt() {
        var answers = Answers(byteLimit: 10_000)
        let (one, other) = (answers.beginLoad(1), answers.beginLoad(2))
        answers.drop(showing: 7)
        let behind = answers.beginLoad(3)
        answers.endLoad(1, one, answer("a", showing: [8, 7]), until: later)
        answers.endLoad(2, other, answer("a", showing: [8]), until: later)
        answers.endLoad(3, behind, answer("a", showing: [7]), until: later)
        #expect((1...3).map { answers.answer($0, at: now) != nil } == [false, true, true])
    }

    @Test func moreChangedProductsThanAreNotedEndAllLoads() {
        var answers = Answers(byteLimit: 10_000)
        let load = answers.beginLoad(1)
        for product in 1...10_001 as ClosedRange<Int64> { answers.drop(showing: product) }
        answers.endLoad(1, load, answer("a", showing: [1]), until: later)
        #expect(answers.answer(1, at: now) == nil)
        let behind = answers.beginLoad(1)
        answers.endLoad(1, behind, answer("a", showing: [1]), until: later)
        #expect(answers.answer(1, at: now) != nil)
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
