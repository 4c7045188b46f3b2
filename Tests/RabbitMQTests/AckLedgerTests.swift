import Testing

@testable import RabbitMQ

@Suite("Ack ledger")
struct AckLedgerTests {
    private func ledger(delivered count: UInt64) throws -> AckLedger {
        var ledger = AckLedger()
        for tag in 1...count { try ledger.delivered(tag) }
        return ledger
    }

    @Test("A tag that does not count up by one is a violation", arguments: [0, 1, 2, 4, UInt64.max])
    func wrongTag(tag: UInt64) throws {
        var ledger = try ledger(delivered: 2)
        let error = #expect(throws: RabbitMQError.self) { try ledger.delivered(tag) }
        #expect(error?.kind == .protocolViolation)
        #expect(ledger.unsettled == 2)
    }

    @Test("A range with nothing open before it takes one multiple ack")
    func oneAck() throws {
        var ledger = try ledger(delivered: 10)
        #expect(ledger.acknowledge(1...4) == [.init(tag: 4, multiple: true)])
        #expect(ledger.acknowledge(5...10) == [.init(tag: 10, multiple: true)])
        #expect(ledger.unsettled == 0)
    }

    @Test("A range after open deliveries is acked one by one, so that theirs stay open")
    func outOfOrder() throws {
        var ledger = try ledger(delivered: 6)
        #expect(ledger.acknowledge(4...6).map(\.tag) == [4, 5, 6])
        #expect(ledger.unsettled == 3)
        #expect(ledger.acknowledge(1...3) == [.init(tag: 3, multiple: true)])
        #expect(ledger.unsettled == 0)
    }

    @Test("The multiple ack carries the last tag that is still open")
    func partlySettled() throws {
        var ledger = try ledger(delivered: 3)
        let isFirst = ledger.settleOne(3)
        let isSecond = ledger.settleOne(3)
        #expect(isFirst)
        #expect(!isSecond)
        #expect(ledger.acknowledge(1...3) == [.init(tag: 2, multiple: true)])
        #expect(ledger.acknowledge(1...3).isEmpty)
    }

    @Test("What was never delivered cannot be settled")
    func unknown() throws {
        var ledger = try ledger(delivered: 2)
        let isKnown = ledger.settleOne(3)
        #expect(!isKnown)
        #expect(ledger.acknowledge(3...5).isEmpty)
        #expect(ledger.unsettled == 2)
    }
}
