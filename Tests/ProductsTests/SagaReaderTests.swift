import FoundationEssentials
import Hosting
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Sagas

@Suite struct SagaReaderTests {
    @Test func aDeletionIsListedAndToldLikeAnyOtherSaga() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            let reader = SagaReader(coordinator: "products", database: shop.productsDB)
            let saga = try await shop.freezingCustomers {
                let saga = try await shop.delete(id)
                let open = try await reader.list(.open, name: "product-deletion", limit: 10)
                #expect(open.map(\.id) == [saga])
                #expect(open.first?.subject == SagaSubject(.product, id))
                #expect(try await reader.list(.open, name: "order-placement", limit: 10).isEmpty)
                #expect(try await reader.saga(about: id)?.id == saga)
                let facts = try #require(try await reader.facts(of: saga))
                #expect(facts.coordinator == "products")
                #expect(facts.participants.map(\.name) == ["customers", "reviews"])
                #expect(SagaDiagnosis(facts).summary.hasPrefix("undecided: waits for the vote of customers"))
                #expect(SagaTimeline.events(facts).first?.text.contains("product-deletion of product \(id)") == true)
                #expect(try await reader.retry(saga) == [saga])
                return saga
            }
            try await shop.awaitEnd(of: saga, .confirm)
            #expect(try await reader.retry(saga).isEmpty)
            #expect(try await reader.list(.open, limit: 10).isEmpty)
            #expect(try await reader.list(.all, limit: 10).map(\.phase) == [.confirmed])
        }
    }

    @Test func subjects() {
        #expect(SagaSubject("42") == SagaSubject(.order, 42))
        #expect(SagaSubject("order:42") == SagaSubject(.order, 42))
        #expect(SagaSubject("product:7") == SagaSubject(.product, 7))
        #expect(SagaSubject(.product, 7).description == "product 7")
        for text in [
            "", "0", "-1", "+1", "product:", "product:x", "product:0", "cart:1", ":1", "product:1:2", "order 1",
        ] {
            #expect(SagaSubject(text) == nil, "\(text)")
        }
        #expect(SagaDefinition.all.allSatisfy { ["orders", "products"].contains($0.coordinator) })
    }
}
