import Events
import Hosting
import Logging
import Metrics
import MetricsTestKit
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Customers

/// What observers may do to the method they observe: nothing, but to roll it back.
@Suite(.serialized) struct ObserverTests {
    @Test func anotherObserverIsOneMoreInTheListAndNothingElse() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let notes = Notes<String>()
            let bare = shop.carts(Observers())
            let observed = shop.carts(
                Observers(inTransaction: [NoteInside(notes: notes)], afterCommit: [NoteAfter(notes: notes)]))
            for carts in [bare, observed] {
                try await shop.as(7) { try await carts.add(.init(productID: cup, amount: 1), to: 7) }
            }
            #expect(try await shop.cart(7).lines.map(\.amount) == [2])
            #expect(notes.all == ["inside", "after"])
            // Who is told nothing of a refusal.
            #expect(
                try await refusal { try await shop.as(7) { try await observed.remove(cup + 1, from: 7) } }
                    == "not_found not_in_cart")
            #expect(notes.all == ["inside", "after"])
        }
    }

    @Test func aFailingAfterCommitObserverIsLoggedAndCountedOnly() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let notes = Notes<String>()
            let metrics = TestMetrics()
            let carts = shop.carts(
                Observers(
                    afterCommit: [FailAfter(), NoteAfter(notes: notes)],
                    logger: Logger(label: "test") { _ in NotingHandler(notes: notes) }))
            try await withMetricsFactory(metrics) {
                try await shop.as(7) { try await carts.add(.init(productID: cup, amount: 1), to: 7) }
            }
            #expect(try await shop.cart(7).lines.map(\.amount) == [1])
            #expect(notes.all == ["error: an after-commit observer failed FailAfter", "after"])
            #expect(
                try metrics.expectCounter("shop_observer_failures", [("observer", "FailAfter")]).totalValue == 1)
        }
    }

    @Test func aFailingObserverInTheTransactionRollsAllBack() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let notes = Notes<String>()
            let carts = shop.carts(
                Observers(
                    inTransaction: [NoteCartForAudit(), FailInside()], afterCommit: [NoteAfter(notes: notes)]))
            await #expect(throws: Broken.self) {
                try await shop.as(1, .admin) { try await carts.add(.init(productID: cup, amount: 1), to: 7) }
            }
            #expect(try await shop.cart(7).lines.isEmpty)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.customersDB) == 0)
            #expect(notes.all.isEmpty)
        }
    }
}

private struct Broken: Error {}

private struct NoteInside: TransactionObserver {
    let notes: Notes<String>
    func observe(_ event: CartChanged, in work: UnitOfWork) async throws { notes.add("inside") }
}

private struct NoteAfter: CommitObserver {
    let notes: Notes<String>
    func observe(_ event: CartChanged) async throws { notes.add("after") }
}

private struct FailInside: TransactionObserver {
    func observe(_ event: CartChanged, in work: UnitOfWork) async throws { throw Broken() }
}

private struct FailAfter: CommitObserver {
    func observe(_ event: CartChanged) async throws { throw Broken() }
}

private struct NotingHandler: LogHandler {
    let notes: Notes<String>
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        notes.add("\(event.level): \(event.message) \(event.metadata?["observer"] ?? "")")
    }
}

extension Shop {
    /// The carts as the role has them, with these observers.
    fileprivate func carts(_ observers: Observers<CartChanged>) -> Carts {
        Carts(
            store: CartStore(database: customersDB), transactor: Transactor(database: customersDB, outboxWake: Wake()),
            observers: observers, products: peers.products)
    }
}
