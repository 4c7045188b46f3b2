import Hosting
import Postgres
import ShopContracts
import ShopHarness
import Testing

@testable import Orders

/// Every turn in every state.
@Suite struct OrderStateMachineTests {
    static let legal: [(from: OrderState, turn: OrderTurn, to: OrderState)] = [
        (.pending, .placementConfirmed, .confirmed),
        (.pending, .placementRefused, .rejected),
        (.confirmed, .cancellationBegun, .cancelling),
        (.cancelling, .cancellationConfirmed, .cancelled),
        (.cancelling, .cancellationRefused, .confirmed),
    ]

    @Test(arguments: OrderState.allCases, OrderTurn.allCases)
    func happensOnlyWhereItMay(state: OrderState, turn: OrderTurn) throws {
        if let expected = Self.legal.first(where: { $0.from == state && $0.turn == turn }) {
            #expect(try OrderStateMachine.state(after: turn, in: state) == expected.to)
            return
        }
        let refusal = #expect(throws: ServiceError.self) { try OrderStateMachine.state(after: turn, in: state) }
        #expect(refusal?.code == .aborted)
        #expect(refusal?.reason == (turn == .cancellationBegun ? "order_not_cancellable" : "order_already_decided"))
        #expect(refusal?.message.contains(state.rawValue) == true, "it names the state")
    }

    @Test func endsWhereNothingCanHappenAnyMore() {
        let final = OrderState.allCases.filter { state in
            OrderTurn.allCases.allSatisfy { (try? OrderStateMachine.state(after: $0, in: state)) == nil }
        }
        #expect(final == [.rejected, .cancelled])
    }

    @Test func whoeverWaitsWaitsForASaga() {
        #expect(OrderState.allCases.filter(\.isUnderWay) == [.pending, .cancelling])
    }

    @Test func theDatabaseKnowsTheStates() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 10, amount: 9)
            try await shop.topUp(7, 100)
            _ = try await shop.buy(7, product)
            for impossible: PostgresQuery in [
                "UPDATE orders SET state = 'lost'",
                "UPDATE orders SET state = 'cancelling'",
                "UPDATE orders SET state = 'cancelled', cancelled_at = now()",
                "UPDATE orders SET cancelled_at = now()",
                "UPDATE orders SET cancellation_code = 'no'",
            ] {
                let error = await #expect(throws: PostgresError.self) { try await shop.ordersDB.query(impossible) }
                #expect(error?.sqlState == .checkViolation, "\(impossible)")
            }
            try await shop.checkInvariants()
        }
    }
}
