import Events
import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers
@testable import Sagas

@Suite(.serialized) struct ProductDeletionTests {
    @Test func theRoleTakesPart() {
        for type in ProductDeletion.definition.participantBindings {
            #expect(CustomersRole.topology.bindings.contains(type))
        }
    }

    @Test func aProductVanishesAndIsDeleted() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let pot = try await shop.sell(price: 100, amount: 3)
            for user in [7, 8] as [Int64] {
                for product in [cup, pot] {
                    try await shop.addToCart(user, product)
                    try await shop.like(user, product)
                }
            }
            let deletion = Deletion(cup)
            try await shop.tapping { tap in
                try await shop.hear(try deletion.attempt)
                #expect(try await shop.cart(7).productIds == [pot])
                #expect(try await shop.cart(7).total == 100)
                #expect(try await shop.liked(8) == [pot])
                #expect(try await shop.number("SELECT count(*) FROM cart_lines", shop.customersDB) == 4)
                // What slips in between the check and the confirmation is hidden, and goes with the rest.
                try await shop.addToCart(9, cup)
                try await shop.like(9, cup)
                #expect(try await shop.cart(9).lines.isEmpty)
                try await shop.hear(try deletion.confirm, try deletion.confirm)
                #expect(try await shop.number("SELECT count(*) FROM cart_lines", shop.customersDB) == 2)
                #expect(try await shop.number("SELECT count(*) FROM favourites", shop.customersDB) == 2)
                #expect(try await shop.cart(8).productIds == [pot])
                // What is even later is seen by nobody.
                try await shop.addToCart(9, cup)
                #expect(try await shop.cart(9).lines.isEmpty)
                try await eventually("both are answered") {
                    tap.count("saga.product-deletion.vote", from: "customers") > 0
                        && tap.count("saga.product-deletion.done", from: "customers") > 0
                }
                #expect(tap.count("saga.product-deletion.vote", from: "customers") == 1)
            }
        }
    }

    @Test func aProductThatIsKeptIsShownAgain() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            try await shop.addToCart(7, cup, 2)
            try await shop.like(7, cup)
            let deletion = Deletion(cup)
            try await shop.hear(try deletion.attempt, try deletion.attempt)
            #expect(try await shop.cart(7).lines.isEmpty)
            #expect(try await shop.liked(7).isEmpty)
            try await shop.hear(try deletion.cancel)
            #expect(try await shop.cart(7).lines.map(\.amount) == [2])
            #expect(try await shop.liked(7) == [cup])
            // Too late: the tombstone keeps it out.
            try await shop.hear(try deletion.attempt)
            #expect(try await shop.liked(7) == [cup])
        }
    }

    @Test func aSecondDeletionIsNotUndoneByTheFirst() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            try await shop.addToCart(7, cup)
            let first = Deletion(cup)
            let second = Deletion(cup)
            try await shop.hear(try first.attempt, try second.attempt, try first.cancel)
            #expect(try await shop.cart(7).lines.isEmpty)
            try await shop.hear(try second.confirm)
            #expect(try await shop.number("SELECT count(*) FROM cart_lines", shop.customersDB) == 0)
        }
    }

    @Test func hiddenLinesAreNotCounted() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let pot = try await shop.sell(price: 250, amount: 3)
            try await shop.addToCart(7, cup)
            try await shop.fillCart(7, lines: 199)
            let deletion = Deletion(cup)
            #expect(try await refusal { try await shop.addToCart(7, pot) } == "failed_precondition cart_full")
            try await shop.hear(try deletion.attempt)
            try await shop.addToCart(7, pot)
            try await shop.hear(try deletion.cancel)
            #expect(try await shop.cart(7).lines.count == 201)
            try await shop.addToCart(7, pot)
        }
    }
}

/// A product's deletion, as its coordinator speaks of it.
private struct Deletion {
    let saga = UUID()
    let payload: ProductDeletion.Payload

    init(_ product: Int64) {
        payload = ProductDeletion.Payload(productID: product, sellerID: 900, name: "Teapot")
    }

    var attempt: Envelope { get throws { try message(.try, TryBody(payload: payload)) } }
    var confirm: Envelope { get throws { try message(.confirm, DecisionBody()) } }
    var cancel: Envelope { get throws { try message(.cancel, DecisionBody(refusal: .deadlineExceeded)) } }

    private func message(_ kind: SagaMessageKind, _ body: some Encodable) throws -> Envelope {
        try Shop.message(ProductDeletion.definition.type(kind), body, saga: saga)
    }
}
