import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Sagas

@Suite struct SagaReaderTests {
    @Test func aDeletionIsListedAndToldLikeAnyOtherSaga() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            let reader = SagaReader(
                coordinator: "products", database: shop.productsDB, stuckAfter: .seconds(60))
            let saga = try await shop.freezingCustomers {
                let saga = try await shop.delete(id)
                let open = try await reader.list(.open, name: "product-deletion", limit: 10)
                #expect(open.map(\.id) == [saga])
                #expect(open.first?.subject == SagaSubject(.product, id))
                #expect(try await reader.list(.open, name: "order-placement", limit: 10).isEmpty)
                #expect(try await reader.saga(about: id, names: ["product-deletion"])?.id == saga)
                let facts = try #require(try await reader.facts(of: saga))
                #expect(facts.coordinator == "products")
                #expect(facts.participants.map(\.name) == ["customers", "reviews"])
                #expect(SagaDiagnosis(facts).summary.hasPrefix("undecided: waits for the vote of customers"))
                #expect(
                    SagaTimeline.events(facts, about: "product \(id)").first?.text.contains(
                        "product-deletion of product \(id)") == true)
                #expect(try await SagaReader.retry(saga, in: shop.productsDB))
                return saga
            }
            try await shop.awaitEnd(of: saga, .confirm)
            #expect(try await !SagaReader.retry(saga, in: shop.productsDB))
            #expect(try await reader.list(.open, limit: 10).isEmpty)
            #expect(try await reader.list(.all, limit: 10).map(\.phase) == [.confirmed])
        }
    }

    @Test func whatMakesNoProgressIsStuckInWhateverPhase() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            let reader = SagaReader(
                coordinator: "products", database: shop.productsDB, stuckAfter: .seconds(60))
            let saga = try await shop.freezingCustomers {
                let saga = try await shop.delete(id)
                try await eventually("only one vote is missing") {
                    try await reader.saga(saga)?.waitsFor == ["customers"]
                }
                #expect(try await reader.list(.stuck, limit: 10).isEmpty)
                let started = try await shop.productsDB.query(
                    """
                    WITH voted AS (
                        UPDATE saga_participants SET voted_at = voted_at - interval '61 s' WHERE saga_id = \(saga))
                    UPDATE sagas SET started_at = started_at - interval '61 s' WHERE id = \(saga) RETURNING started_at
                    """
                ).decode((Date).self).first
                let stuck = try #require(try await reader.list(.stuck, limit: 10).first)
                #expect(stuck.id == saga && stuck.phase == .trying)
                #expect(try #require(stuck.stuckSince) >= #require(started))
                let patient = SagaReader(
                    coordinator: "products", database: shop.productsDB, stuckAfter: .seconds(600))
                #expect(try await patient.list(.stuck, limit: 10).isEmpty)
                #expect(try await patient.saga(saga)?.stuckSince == nil)
                #expect(try await reader.list(.wasStuck, limit: 10).isEmpty)
                return saga
            }
            try await shop.awaitEnd(of: saga, .confirm)
            let was = try await reader.list(.wasStuck, limit: 10)
            #expect(was.map(\.id) == [saga])
            let stall = try #require(was.first?.stall)
            #expect(stall.length > 60)
            #expect(stall.waitedFor == ["customers"] && stall.isUndecided)
            #expect(was.first?.stalledSteps.map(\.description) == ["try:customers"])
            #expect(try await reader.facts(of: saga)?.stalls == [stall])
            let quick = try await shop.delete(shop.sell(price: 100, amount: 5))
            try await shop.awaitEnd(of: quick, .confirm)
            #expect(try await reader.list(.wasStuck, limit: 10).map(\.id) == [saga])
            #expect(try await reader.list(.stuck, limit: 10).isEmpty)
            #expect(try await reader.saga(saga)?.waitsFor == [])
            // One was late to carry its part out, and then all were, since nobody decided.
            try await shop.productsDB.query(
                """
                UPDATE saga_participants SET done_at = done_at + interval '300 s'
                WHERE saga_id = \(saga) AND participant = 'reviews'
                """)
            try await shop.productsDB.query(
                "UPDATE sagas SET finished_at = finished_at + interval '300 s' WHERE id = \(saga)")
            let late = try #require(try await reader.saga(saga))
            #expect(late.stall?.isUndecided == false)
            #expect(late.stalledSteps.map(\.description) == ["confirm:reviews"])
            try await shop.productsDB.query(
                """
                UPDATE sagas SET decided_at = decided_at + interval '600 s', finished_at = finished_at + interval '600 s'
                WHERE id = \(saga)
                """)
            try await shop.productsDB.query(
                "UPDATE saga_participants SET done_at = done_at + interval '600 s' WHERE saga_id = \(saga)")
            let undecided = try #require(try await reader.saga(saga)?.stall)
            #expect(undecided.isUndecided && undecided.waitedFor == [])
        }
    }
}
