import Testing

@testable import RabbitMQ

@Suite("Ack ledger")
struct AckLedgerTests {
    private func ledger(delivered count: UInt64) -> AckLedger {
        var ledger = AckLedger()
        for tag in 1...count { ledger.delivered(tag) }
        return ledger
    }

    @Test("A range with nothing open before it takes one multiple ack")
    func oneAck() {
        var ledger = ledger(delivered: 10)
        #expect(ledger.acknowledge(1...4) == [.init(tag: 4, multiple: true)])
        #expect(ledger.acknowledge(5...10) == [.init(tag: 10, multiple: true)])
        #expect(ledger.unsettled == 0)
    }

    @Test("A range after open deliveries is acked one by one, so that theirs stay open")
    func outOfOrder() {
        var ledger = ledger(delivered: 6)
        #expect(ledger.acknowledge(4...6).map(\.tag) == [4, 5, 6])
        #expect(ledger.unsettled == 3)
        #expect(ledger.acknowledge(1...3) == [.init(tag: 3, multiple: true)])
        #expect(ledger.unsettled == 0)
    }

    @Test("The multiple ack carries the last tag that is still open")
    func partlySettled() {
        var ledger = ledger(delivered: 3)
        let isFirst = ledger.settleOne(3)
        let isSecond = ledger.settleOne(3)
        #expect(isFirst)
        #expect(!isSecond)
        #expect(ledger.acknowledge(1...3) == [.init(tag: 2, multiple: true)])
        #expect(ledger.acknowledge(1...3).isEmpty)
    }

    @Test("What was never delivered cannot be settled")
    func unknown() {
        var ledger = ledger(delivered: 2)
        let isKnown = ledger.settleOne(3)
        #expect(!isKnown)
        #expect(ledger.acknowledge(3...5).isEmpty)
        #expect(ledger.unsettled == 2)
    }
}
