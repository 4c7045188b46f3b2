import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct ProductUpdateTests {
    @Test func onlyTheGivenFieldsChangeAndEverybodySeesItAtOnce() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 250, amount: 3)
            let before = try await shop.product(id)
            let updated = try await shop.update(id) {
                $0.price = 300
                $0.photoURL = "https://photos.example/1"
            }
            #expect(updated.price == 300)
            #expect(updated.photoURL == "https://photos.example/1")
            #expect(updated.name == before.name && updated.amount == 3 && updated.category == "toys")
            #expect(updated.createdAt == before.createdAt && updated.updatedAt > before.updatedAt)
            // The cache had the product as it was before.
            #expect(try await shop.product(id) == updated)
            try await shop.update(id) {
                $0.name = "Kettle"
                $0.description_p = "For tea"
                $0.category = "electronics"
                $0.photoURL = ""
            }
            let after = try await shop.product(id)
            #expect(after.name == "Kettle" && after.description_p == "For tea" && after.category == "electronics")
            #expect(after.photoURL.isEmpty && after.price == 300)
        }
    }

    @Test func theAmountMeansUnitsThatCanBeBought() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1_000)
            let order = try await shop.freezingCustomers {
                let order = try await shop.place(7, id, quantity: 2).order.id
                try await eventually("two are reserved") { try await shop.product(id).amount == 3 }
                #expect(try await shop.update(id) { $0.amount = 1 }.amount == 1)
                #expect(try await shop.number("SELECT amount FROM products", shop.productsDB) == 3)
                #expect(try await shop.update(id) { $0.amount = 0 }.amount == 0)
                return order
            }
            #expect(try await shop.outcome(7, order).state == "confirmed")
            try await shop.checkInvariants()
            #expect(try await shop.product(id).amount == 0)
            #expect(try await shop.number("SELECT amount FROM products", shop.productsDB) == 0)
        }
    }

    @Test func anothersProductIsRefusedAndAnAdminIsNoted() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 250, amount: 3)
            await refusal(.permissionDenied, "not_owner") { try await shop.update(id, as: 901) { $0.price = 1 } }
            await refusal(.permissionDenied, "not_owner") {
                try await shop.update(id, as: 901, .service) { $0.price = 1 }
            }
            await refusal(.unauthenticated, "token_required") {
                _ = try await shop.peers.products.updateProduct(
                    .with {
                        $0.id = id
                        $0.price = 1
                    })
            }
            #expect(try await shop.product(id).price == 250)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.productsDB) == 0)
            #expect(try await shop.update(id, as: 1, .admin) { $0.price = 1 }.price == 1)
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM audit_trail WHERE actor_id = 1 AND actor_role = 'admin' AND user_id = 900
                        AND action = 'product.update' AND subject_id = \(id)
                    """, shop.productsDB) == 1)
        }
    }

    @Test func whatIsWrongIsNamed() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 250, amount: 3)
            await refusal(.invalidArgument, "no_changes", mentions: "photo_url") { try await shop.update(id) { _ in } }
            await refusal(.invalidArgument, "invalid_id") { try await shop.update(0) { $0.price = 1 } }
            await refusal(.notFound, "product_not_found") { try await shop.update(id + 1) { $0.price = 1 } }
            await refusal(.invalidArgument, "category_not_found", mentions: "the list of categories") {
                try await shop.update(id) { $0.category = "tools" }
            }
            for (field, change) in [
                ("name", { $0.name = " " }), ("price", { $0.price = 0 }), ("amount", { $0.amount = -1 }),
                ("photo_url", { $0.photoURL = "x" }), ("category", { $0.category = "" }),
            ] as [(String, (inout Products_UpdateProductRequest) -> Void)] {
                await refusal(.invalidArgument, "invalid_product", mentions: field) {
                    try await shop.update(id) { change(&$0) }
                }
            }
            #expect(try await shop.product(id).updatedAt == shop.product(id).createdAt)
        }
    }

    @Test func noStaleWriteWins() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let seen = try await shop.product(id)
            #expect(seen.version > 0)
            #expect(try await shop.buy(7, id, quantity: 3).state == "confirmed")
            try await shop.settle()
            let sold = try await shop.product(id)
            #expect(sold.version > seen.version && sold.amount == 7)
            await refusal(.aborted, "precondition_failed", mentions: "read it again") {
                try await shop.update(id) {
                    $0.amount = 10
                    $0.expectedVersion = seen.version
                }
            }
            await refusal(.aborted, "precondition_failed") {
                _ = try await shop.as(900) {
                    try await shop.peers.products.deleteProduct(
                        .with {
                            $0.id = id
                            $0.expectedVersion = seen.version
                        })
                }
            }
            // Another's product is no business of theirs, whatever its version.
            await refusal(.permissionDenied, "not_owner") {
                try await shop.update(id, as: 901) {
                    $0.price = 1
                    $0.expectedVersion = seen.version
                }
            }
            let after = try await shop.update(id) {
                $0.price = 120
                $0.expectedVersion = sold.version
            }
            #expect(after.amount == 7 && after.price == 120 && after.version > sold.version)
            // A reservation alone shows as well.
            let order = try await shop.freezingCustomers {
                let order = try await shop.place(7, id, price: 120).order.id
                try await eventually("it is reserved") { try await shop.product(id).version > after.version }
                return order
            }
            _ = try await shop.outcome(7, order)
            try await shop.checkInvariants()
        }
    }

    @Test func stockChangesByWhatComesAndGoes() async throws {
        try await Shop.open { shop in
            let id = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let order = try await shop.freezingCustomers {
                let order = try await shop.place(7, id, quantity: 4).order.id
                try await eventually("four are reserved") { try await shop.product(id).amount == 6 }
                #expect(try await shop.update(id) { $0.amountChange = -3 }.amount == 3)
                await refusal(.failedPrecondition, "stock_too_low", mentions: "only 3") {
                    try await shop.update(id) { $0.amountChange = -4 }
                }
                return order
            }
            _ = try await shop.outcome(7, order)
            #expect(try await shop.update(id) { $0.amountChange = 5 }.amount == 8)
            await refusal(.invalidArgument, "invalid_product", mentions: "not both") {
                try await shop.update(id) {
                    $0.amount = 1
                    $0.amountChange = 1
                }
            }
            for change in [0, Int64.min, .max, 1_000_000_000] {
                await refusal(.invalidArgument, "invalid_product", mentions: "amount") {
                    try await shop.update(id) { $0.amountChange = change }
                }
            }
            // Twenty at once are all counted.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await shop.update(id) { $0.amountChange = 2 } } }
                try await group.waitForAll()
            }
            #expect(try await shop.product(id).amount == 48)
            try await shop.checkInvariants()
        }
    }
}
