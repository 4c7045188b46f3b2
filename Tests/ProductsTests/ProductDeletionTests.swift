import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Events
@testable import Sagas

@Suite(.serialized) struct ProductDeletionTests {
    @Test func aProductThatNobodyHoldsIsDeletedEverywhere() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            let kept = try await shop.sell(price: 100, amount: 5)
            _ = try await shop.product(id)
            let saga = try await shop.delete(id)
            // Not on sale at once, whatever is asked; the cache had it.
            try await shop.expectOffSale(id)
            #expect(
                try await shop.peers.products.getUserProducts(.with { $0.userID = 900 }).products.map(\.id) == [kept])
            try await shop.awaitEnd(of: saga, .confirm)
            #expect(try await shop.state(of: id) == "deleted")
            try await shop.expectOffSale(id)
            await refusal(.notFound, "product_not_found") { try await shop.delete(id) }
            #expect(try await shop.events(ProductEvent.deleted, saga) == 1)
            #expect(try await shop.events(ProductEvent.kept, saga) == 0)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.productsDB) == 0)
            let body = try #require(
                try await shop.productsDB.query("SELECT body::text FROM outbox WHERE type = \(ProductEvent.deleted)")
                    .decode((String).self).first)
            let event = try MessageCoding.decode(ProductEvent.self, from: Array(body.utf8))
            #expect(event == ProductEvent(productID: id, sellerID: 900, name: "Teapot"))
        }
    }

    @Test func theParticipantsAreToldWhatIsDeleted() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            let (saga, sent) = try await shop.tapping { tap in
                let saga = try await shop.delete(id)
                let message = try await eventuallyValue("the try is sent") {
                    tap.messages("saga.product-deletion.try", of: saga).first
                }
                return (saga, try message.decode(TryBody<ProductDeletion.Payload>.self))
            }
            #expect(sent.payload == ProductDeletion.Payload(productID: id, sellerID: 900, name: "Teapot"))
            let names = try await shop.productsDB.query(
                "SELECT participant FROM saga_participants WHERE saga_id = \(saga) ORDER BY 1"
            ).decode((String).self)
            #expect(names == ["customers", "reviews"])
            try await shop.awaitEnd(of: saga, .confirm)
        }
    }

    @Test func anUnsettledOrderKeepsItOnSale() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.freezingCustomers {
                let order = try await shop.place(7, id).order.id
                try await eventually("one is reserved") { try await shop.product(id).amount == 4 }
                await refusal(.failedPrecondition, "product_reserved", mentions: "order") { try await shop.delete(id) }
                #expect(try await shop.state(of: id) == "on_sale")
                #expect(try await shop.product(id).amount == 4)
                #expect(try await shop.number("SELECT count(*) FROM sagas", shop.productsDB) == 0)
                return order
            }
            #expect(try await shop.outcome(7, order).state == "confirmed")
            try await shop.settle()
            let saga = try await shop.delete(id)
            try await eventually("it is deleted") { try await shop.phase(of: saga) == "confirmed" }
            // The old order keeps what it bought.
            let line = try #require(try await shop.outcome(7, order).products.first)
            #expect(line.name == "Teapot" && line.productPrice == 100)
            try await shop.checkInvariants()
        }
    }

    @Test func aRefusalPutsItOnSaleAgain() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let first = try await shop.freezingCustomers {
                let saga = try await shop.delete(id)
                try await shop.expectOffSale(id)
                let no = SagaRefusal(code: "not_now", message: "customers cannot do it now")
                try await shop.vote(saga, .refused(no), by: ["customers"])
                try await shop.carryOut(saga, .cancel)
                return saga
            }
            #expect(try await shop.state(of: id) == "on_sale")
            try await eventually("readers see it again") { (try? await shop.product(id)) != nil }
            #expect(try await shop.events(ProductEvent.kept, first) == 1)
            #expect(try await shop.events(ProductEvent.deleted, first) == 0)
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM outbox WHERE type = 'product.kept' AND body #>> '{reason,code}' = 'not_now'",
                    shop.productsDB) == 1)
            // It is what it was: it can be bought, and deleted by another saga.
            #expect(try await shop.buy(7, id).state == "confirmed")
            try await shop.settle()
            let second = try await shop.delete(id)
            #expect(second != first)
            try await shop.awaitEnd(of: second, .confirm)
            #expect(try await shop.state(of: id) == "deleted")
            try await shop.checkInvariants()
        }
    }

    @Test func undecidedAtTheDeadlineItIsOnSaleAgain() async throws {
        var timing = Shop.timing
        timing.deadline = .zero
        try await Shop.open(timing: timing) { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.freezingCustomers {
                let saga = try await shop.delete(id)
                try await shop.carryOut(saga, .cancel)
                #expect(try await shop.state(of: id) == "on_sale")
                #expect(
                    try await shop.number(
                        """
                        SELECT count(*) FROM outbox
                        WHERE type = 'product.kept' AND body #>> '{reason,code}' = 'deadline_exceeded'
                        """, shop.productsDB) == 1)
            }
            try await eventually("readers see it again") { (try? await shop.product(id)) != nil }
        }
    }

    @Test func deletingTwiceIsOneSaga() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            let sagas = try await withThrowingTaskGroup(of: UUID?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            return try await shop.delete(id)
                        } catch let error as ServiceError where error.code == .notFound {
                            // It came when the product was gone already.
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: Set<UUID>()) { if let saga = $1 { $0.insert(saga) } }
            }
            #expect(sagas.count == 1)
            #expect(try await shop.number("SELECT count(*) FROM sagas", shop.productsDB) == 1)
            let saga = try #require(sagas.first)
            try await shop.awaitEnd(of: saga, .confirm)
        }
    }

    @Test func anothersProductIsRefusedAndAnAdminIsNoted() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            await refusal(.permissionDenied, "not_owner") { try await shop.delete(id, as: 901) }
            await refusal(.unauthenticated, "token_required") {
                _ = try await shop.peers.products.deleteProduct(.with { $0.id = id })
            }
            await refusal(.invalidArgument, "invalid_id") { try await shop.delete(0) }
            await refusal(.notFound, "product_not_found") { try await shop.delete(id + 1) }
            #expect(try await shop.product(id).amount == 5)
            let saga = try await shop.delete(id, as: 1, .admin)
            // Nor does the other learn of the saga.
            await refusal(.permissionDenied, "not_owner") { try await shop.delete(id, as: 901) }
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM audit_trail WHERE actor_id = 1 AND actor_role = 'admin' AND user_id = 900
                        AND action = 'product.delete' AND subject_id = \(id)
                    """, shop.productsDB) == 1)
            await refusal(.notFound, "product_not_found") { try await shop.update(id) { $0.price = 1 } }
            try await shop.awaitEnd(of: saga, .confirm)
        }
    }

    @Test func ordersAndADeletionRacingNeverBothWin() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 1_000)
            let buyers = Int64(1_000)..<1_050
            try await withThrowingTaskGroup(of: Void.self) { group in
                for buyer in buyers { group.addTask { try await shop.topUp(buyer, 100) } }
                try await group.waitForAll()
            }
            let saga = try await withThrowingTaskGroup(of: UUID?.self) { group in
                for buyer in buyers {
                    group.addTask {
                        do {
                            let order = try await shop.buy(buyer, id)
                            #expect(order.state == "confirmed" || order.reason == "product_unavailable")
                        } catch {
                            #expect(ServiceError(mapping: error).reason == "product_not_found")
                        }
                        return nil
                    }
                }
                group.addTask {
                    try await eventuallyValue("the deletion gets its moment") {
                        do {
                            return try await shop.delete(id)
                        } catch {
                            #expect(ServiceError(mapping: error).reason == "product_reserved")
                            return nil
                        }
                    }
                }
                return try await group.reduce(UUID?.none) { $0 ?? $1 }
            }
            let deletion = try #require(saga)
            try await shop.awaitEnd(of: deletion, .confirm)
            try await shop.checkInvariants()
            #expect(try await shop.state(of: id) == "deleted")
            // Whatever an order took was settled before the deletion had the product's row, and none was after.
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM saga_branches b, sagas s
                    WHERE b.participant = 'products' AND b.state = 'confirmed' AND b.updated_at > s.started_at
                    """, shop.productsDB) == 0)
        }
    }

    @Test func anOrderThatWaitsBehindADeletionIsRefused() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let (deletion, order) = try await shop.holding(id) {
                let deletion = Task { try await shop.delete(id) }
                try await shop.awaitWaiting(1)
                let order = try await shop.place(7, id).order.id
                try await shop.awaitWaiting(2)
                return (deletion, order)
            }
            let saga = try await deletion.value
            #expect(try await shop.outcome(7, order).reason == "product_unavailable")
            try await shop.awaitEnd(of: saga, .confirm)
            try await shop.checkInvariants()
            #expect(try await shop.balance(7) == (100, 0))
        }
    }

    @Test func aDeletionThatWaitsBehindAnOrderIsRefused() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let order = try await shop.freezingCustomers {
                let (deletion, order) = try await shop.holding(id) {
                    let order = try await shop.place(7, id).order.id
                    try await shop.awaitWaiting(1)
                    let deletion = Task { try await shop.delete(id) }
                    try await shop.awaitWaiting(2)
                    return (deletion, order)
                }
                await refusal(.failedPrecondition, "product_reserved") { _ = try await deletion.value }
                return order
            }
            #expect(try await shop.outcome(7, order).state == "confirmed")
            try await shop.checkInvariants()
            #expect(try await shop.state(of: id) == "on_sale")
        }
    }
}

extension Shop {
    /// Nobody sees the product, wherever they look.
    fileprivate func expectOffSale(_ id: Int64, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        await refusal(.notFound, "product_not_found", sourceLocation: sourceLocation) { _ = try await product(id) }
        let lists = [
            try await peers.products.getSavedProducts(.with { $0.productIds = [id] }).products,
            try await peers.products.getProducts(.with { $0.category = "toys" }).products,
            try await peers.products.getUserProducts(.with { $0.userID = 900 }).products,
            try await peers.products.searchProducts(.with { $0.text = "teapot" }).products,
        ]
        #expect(lists.allSatisfy { !$0.contains { $0.id == id } }, sourceLocation: sourceLocation)
    }

    /// Holds the lock of a product's row while the body runs.
    fileprivate func holding<Result: Sendable>(
        _ id: Int64, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await productsDB.transaction { transaction in
            try await transaction.query("SELECT FROM products WHERE id = \(id) FOR UPDATE")
            return try await body()
        }
    }

    /// Waits until so many of the products' transactions wait for a lock.
    fileprivate func awaitWaiting(_ count: Int64) async throws {
        try await eventually("\(count) wait for a lock") {
            try await number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """, productsDB) >= count
        }
    }
}
