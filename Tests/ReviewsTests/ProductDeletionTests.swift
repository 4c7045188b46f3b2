import FoundationEssentials
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Sagas

/// The reviews' part of the saga, its messages published as the coordinator would.
@Suite(.serialized) struct ProductDeletionTests {
    @Test func confirmDeletesWhatWasHidden() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let other = try await shop.sell(price: 250, amount: 3)
            let id = try await shop.review(7, product, 4)
            try await shop.review(8, product, 2)
            try await shop.review(7, other, 5)
            #expect(try await shop.rating(product) == [2, 6])
            let saga = UUID()
            try await shop.send(.try, saga, product)
            try await shop.expectHidden(product, review: id, of: 7)
            #expect(try await shop.number("SELECT count(*) FROM reviews", shop.reviewsDB) == 3)
            try await shop.send(.confirm, saga, product)
            try await shop.expectHidden(product, review: id, of: 7)
            for table in ["reviews", "review_history"] {
                let left = try await shop.number(
                    PostgresQuery(unsafeSQL: "SELECT count(*) FROM \(table)"), shop.reviewsDB)
                #expect(left == 1, "\(table)")
            }
            #expect(try await shop.rating(other) == [1, 5])
            #expect(try await shop.wrongRatings() == 0)
        }
    }

    @Test func cancelShowsItAgain() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let id = try await shop.review(7, product, 4)
            let saga = UUID()
            try await shop.send(.try, saga, product)
            try await shop.expectHidden(product, review: id, of: 7)
            try await shop.send(.cancel, saga, product)
            try await eventually("the rating is back") { try await shop.rating(product) == [1, 4] }
            #expect(try await shop.reviews(product).map(\.id) == [id])
            #expect(try await shop.page(product).reviews.map(\.id) == [id])
            #expect(try await shop.review(7, product, 5) == id)
            try await shop.deleteReview(id, by: 7)
            #expect(try await shop.wrongRatings() == 0)
        }
    }

    @Test func messagesTwiceAndOutOfOrderHaveNoSecondEffect() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let id = try await shop.review(7, product, 4)
            let (first, second, third) = (UUID(), UUID(), UUID())
            for _ in 0..<2 { try await shop.send(.try, first, product) }
            for _ in 0..<2 { try await shop.send(.cancel, first, product) }
            try await eventually("the rating is back") { try await shop.rating(product) == [1, 4] }
            // A late try does not hide it again, nor does one whose cancel came first.
            try await shop.send(.try, first, product)
            try await shop.send(.cancel, second, product)
            try await shop.send(.try, second, product)
            #expect(try await shop.reviews(product).map(\.id) == [id])
            // Two sagas at once: what one shows again the other still hides.
            let fourth = UUID()
            try await shop.send(.try, third, product)
            try await shop.send(.try, fourth, product)
            try await shop.send(.cancel, third, product)
            try await shop.expectHidden(product, review: id, of: 7)
            for _ in 0..<2 { try await shop.send(.confirm, fourth, product) }
            #expect(try await shop.number("SELECT count(*) FROM reviews", shop.reviewsDB) == 0)
            // A saga of what is deleted has nothing to hide, and nothing to show again.
            let fifth = UUID()
            try await shop.send(.try, fifth, product)
            try await shop.send(.cancel, fifth, product)
            try await shop.expectHidden(product, review: id, of: 7)
        }
    }

    @Test func aProductNobodyHasReviewedIsClosedAsWell() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            #expect(try await shop.rating(product) == [0, 0])
            let saga = UUID()
            try await shop.send(.try, saga, product)
            #expect(await refusal { try await shop.review(7, product, 3) } == "not_found product_not_found")
            try await shop.send(.confirm, saga, product)
            // As late as can be: the product was looked up before it went.
            #expect(await refusal { try await shop.review(7, product, 3) } == "not_found product_not_found")
            #expect(try await shop.number("SELECT count(*) FROM reviews", shop.reviewsDB) == 0)
        }
    }

    @Test(arguments: [true, false]) func aReviewThatRacesTheTryIsNotLeftBehind(reviewFirst: Bool) async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            try await shop.review(7, product, 4)
            let saga = UUID()
            let answer = Mailbox()
            // Both wait for the rating's row, in this order or that.
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await shop.reviewsDB.transaction { transaction in
                    try await transaction.query("SELECT FROM ratings FOR UPDATE")
                    for (position, isReview) in [reviewFirst, !reviewFirst].enumerated() {
                        if isReview {
                            group.addTask { await answer.put(await refusal { try await shop.review(8, product, 1) }) }
                        } else {
                            try await shop.publish(.try, saga, product)
                        }
                        try await shop.waitForBlocked(Int64(position + 1))
                    }
                }
                try await group.waitForAll()
            }
            #expect(await answer.content == (reviewFirst ? "none" : "not_found product_not_found"))
            try await eventually("the try was answered") {
                try await shop.number("SELECT count(*) FROM saga_branches WHERE saga_id = \(saga)", shop.reviewsDB) == 1
            }
            try await shop.send(.confirm, saga, product)
            #expect(try await shop.number("SELECT count(*) FROM reviews", shop.reviewsDB) == 0)
            #expect(try await shop.number("SELECT count(*) FROM review_history", shop.reviewsDB) == 0)
            #expect(try await shop.rating(product) == [0, 0])
        }
    }
}

private actor Mailbox {
    private(set) var content: String?
    func put(_ text: String) { content = text }
}

extension Shop {
    fileprivate func publish(_ kind: SagaMessageKind, _ saga: UUID, _ product: Int64) async throws {
        let type = ProductDeletion.definition.type(kind)
        if kind == .try {
            let payload = ProductDeletion.Payload(productID: product, sellerID: 900, name: "Teapot")
            try await recordSilentSaga(saga, of: ProductDeletion.definition)
            try await publish(type, saga, TryBody(payload: payload))
        } else {
            try await publish(type, saga, DecisionBody())
        }
    }

    /// Publishes a message of the saga and waits until it was handled: each leaves its time in the branch.
    fileprivate func send(_ kind: SagaMessageKind, _ saga: UUID, _ product: Int64) async throws {
        func handledAt() async throws -> Int64 {
            try await number(
                """
                SELECT coalesce(max((extract(epoch FROM updated_at) * 1000000)::bigint), 0)
                FROM saga_branches WHERE saga_id = \(saga)
                """, reviewsDB)
        }
        let before = try await handledAt()
        try await publish(kind, saga, product)
        try await eventually("\(kind) was handled") { try await handledAt() > before }
    }

    /// Nothing of a product is to be seen, and nothing can be done about it.
    fileprivate func expectHidden(_ product: Int64, review id: Int64, of user: Int64) async throws {
        // The cache follows after the commit.
        try await eventually("the rating is gone") { try await rating(product) == [0, 0] }
        #expect(try await reviews(product).isEmpty)
        #expect(try await page(product).reviews.isEmpty)
        #expect(await refusal { try await review(user, product, 5) } == "not_found product_not_found")
        #expect(await refusal { try await deleteReview(id, by: user) } == "not_found review_not_found")
    }
}
