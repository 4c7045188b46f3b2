import Postgres
import ShopHarness
import TestSupport
import Testing

@Suite(.serialized) struct TopUpTests {
    /// All top-ups come from one account; it is no queue in which they wait for each other.
    @Test("A top-up that waits for its user's account holds up no other user's")
    func oneWaits() async throws {
        try await Shop.open { shop in
            // The external account is older than theirs, so it would be the first to be locked.
            for user in [9, 7, 8] as [Int64] { try await shop.topUp(user, 100) }
            let waiting = try await shop.customersDB.transaction { transaction in
                try await transaction.query("SELECT FROM accounts WHERE user_id = 7 FOR UPDATE")
                let waiting = Task { try await shop.topUp(7, 10) }
                try await eventually("the top-up waits for the account") {
                    try await shop.number(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """, shop.customersDB) == 1
                }
                try await shop.topUp(8, 10)
                #expect(try await shop.balance(8) == (110, 0))
                #expect(try await shop.balance(7) == (100, 0))
                return waiting
            }
            try await waiting.value
            #expect(try await shop.balance(7) == (110, 0))
            let external = try await shop.number(
                "SELECT balance FROM accounts WHERE kind = 'external'", shop.customersDB)
            #expect(external == -320)
            try await shop.checkInvariants()
        }
    }
}
