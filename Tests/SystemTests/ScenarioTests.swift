import Hosting
import NIOHTTP1
import Testing

extension SystemTests {
    /// A day in the shop, as its customers see it: the same whether its roles share a process or not.
    @Suite(.inTurn, .serialized) struct ScenarioTests {
        @Test("From signing up to a review", arguments: Layout.allCases)
        func scenario(layout: Layout) async throws {
            try await withShop(layout) { shop in
                let seller = try await shop.signUp("Sally")
                let buyer = try await shop.signUp("Ben")
                try await accounts(buyer, shop)
                let product = try await catalogue(seller, shop)
                try await cart(buyer, product, shop)
                try await topUps(buyer, shop)
                try await orders(buyer, seller, product, shop)
                try await compensations(buyer, product, shop)
                try await reviews(buyer, product, shop)
                try await shop.checkInvariants()
            }
        }

        private func accounts(_ person: Person, _ shop: Shop) async throws {
            try await shop.post(
                "/auth/signup",
                body: ["name": "Ben", "email": .text(person.email.uppercased()), "password": "another password"]
            ).expectProblem(409, "email_taken")
            try await shop.post("/auth/signin", body: ["email": .text(person.email), "password": "wrong"])
                .expectProblem(401, "invalid_credentials")

            let renewed = try await shop.post("/auth/refresh", body: ["refresh_token": .text(person.refreshToken)])
                .expect(200)
            #expect(renewed["token_type"] == "Bearer")
            #expect(renewed["refresh_token"].text != person.refreshToken)
            let token = try #require(renewed["access_token"].text)
            try await shop.get("/api/balance/\(person.id)", token: token).expect(200)
            try await shop.post("/auth/refresh", body: ["refresh_token": "nonsense"])
                .expectProblem(401, "invalid_refresh_token")

            let published = try await shop.get("/.well-known/jwks.json")
            #expect(published.headers.first(name: "Content-Type") == "application/jwk-set+json")
            let keys = published.expect(200)["keys"].list
            #expect(keys.map { $0["kid"].text } == shop.keys.keyIDs)
            #expect(keys.allSatisfy { $0["d"] == .null }, "a private half is published")
        }

        private func catalogue(_ seller: Person, _ shop: Shop) async throws -> Int64 {
            let posted = try await shop.post(
                "/api/products", token: seller.token,
                body: ["name": "Bear", "amount": 5, "price": 1_990, "category": "toys", "description": "Soft."]
            ).expect(200)
            let id = try #require(posted["id"].integer)
            let one = try await shop.get("/api/products/\(id)").expect(200)
            #expect(one["name"] == "Bear")
            #expect(one["price"] == 1_990)
            #expect(one["amount"] == 5)
            #expect(one["user_id"] == .integer(seller.id))
            let toys = try await shop.get("/api/products/toys").expect(200)
            #expect(toys["products"].list == [one])
            #expect(try await shop.get("/api/products/shoes").expect(200)["products"].list == [])
            try await shop.get("/api/products/weapons").expectProblem(404, "category_not_found")
            return id
        }

        private func cart(_ buyer: Person, _ product: Int64, _ shop: Shop) async throws {
            let path = "/api/cart/\(buyer.id)"
            try await shop.post(
                "/api/cart", token: buyer.token, body: ["product_id": .integer(product), "amount": 2]
            ).expect(200)
            let cart = try await shop.get(path, token: buyer.token).expect(200)
            #expect(cart["lines"].list.count == 1)
            #expect(cart["lines"][0]["amount"] == 2)
            #expect(cart["lines"][0]["name"] == "Bear")
            try await shop.delete(path, token: buyer.token, body: ["product_id": .integer(product)]).expect(200)
            #expect(try await shop.get(path, token: buyer.token).expect(200)["lines"].list == [])
            try await shop.delete(path, token: buyer.token, body: ["product_id": .integer(product)])
                .expectProblem(404, "not_in_cart")
        }

        private func topUps(_ buyer: Person, _ shop: Shop) async throws {
            let body: JSON = ["user_id": .integer(buyer.id), "amount": 5_000]
            let admin = try await shop.token(1, .admin)
            try await shop.post("/api/top-ups", token: buyer.token, body: body, headers: ["Idempotency-Key": "t1"])
                .expectProblem(403, "role_required")
            try await shop.post("/api/top-ups", token: admin, body: body)
                .expectProblem(400, "idempotency_key_required")
            let first = try await shop.post(
                "/api/top-ups", token: admin, body: body, headers: ["Idempotency-Key": "t1"])
            #expect(first.expect(200)["balance"] == 5_000)
            let again = try await shop.post(
                "/api/top-ups", token: admin, body: body, headers: ["Idempotency-Key": "t1"])
            #expect(again.status == 200)
            #expect(again.body == first.body)
            #expect(again.headers.first(name: "Idempotency-Replayed") == "true")
            try await shop.post(
                "/api/top-ups", token: admin, body: ["user_id": .integer(buyer.id), "amount": 1],
                headers: ["Idempotency-Key": "t1"]
            ).expectProblem(422, "idempotency_key_reused")
            #expect(try await shop.balance(buyer.id) == [5_000, 0])
        }

        private func orders(_ buyer: Person, _ seller: Person, _ product: Int64, _ shop: Shop) async throws {
            let body: JSON = ["items": [["product_id": .integer(product), "quantity": 1, "price": 1_990]]]
            let waited = try await shop.post(
                "/api/orders", token: buyer.token, body: body, headers: ["Prefer": "wait=30"])
            let confirmed = waited.expect(200)
            #expect(confirmed["state"] == "confirmed", "\(waited)")
            #expect(confirmed["price"] == 1_990)
            #expect(waited.headers.first(name: "Preference-Applied") == "wait=30")

            let placed = try await shop.post(
                "/api/orders", token: buyer.token, body: body, headers: ["Idempotency-Key": "o1"])
            let pending = placed.expect(202)
            #expect(pending["state"] == "pending")
            let location = try #require(placed.headers.first(name: "Location"))
            let id = try #require(pending["id"].integer)
            #expect(location == "/api/order/\(id)")
            let outcome = try await shop.eventuallyDecided(id, token: buyer.token)
            #expect(outcome["state"] == "confirmed")
            let replayed = try await shop.post(
                "/api/orders", token: buyer.token, body: body, headers: ["Idempotency-Key": "o1"])
            #expect(replayed.body == placed.body)
            #expect(replayed.headers.first(name: "Idempotency-Replayed") == "true")

            #expect(try await shop.get(location, token: buyer.token).expect(200) == outcome)
            try await shop.get(location, token: seller.token).expectProblem(404, "order_not_found")
            let list = try await shop.get("/api/orders/\(buyer.id)", token: buyer.token).expect(200)
            #expect(list["orders"].list.map { $0["id"] } == [outcome["id"], confirmed["id"]])
            try await shop.get("/api/orders/\(buyer.id)", token: seller.token).expectProblem(403, "not_owner")

            // A capture follows the decision by a message.
            try await shop.settle()
            #expect(try await shop.balance(buyer.id) == [5_000 - 2 * 1_990, 0])
            #expect(try await shop.balance(seller.id) == [2 * 1_990, 0])
            #expect(try await shop.stock(product) == 3)
        }

        private func compensations(_ buyer: Person, _ product: Int64, _ shop: Shop) async throws {
            let before = try await shop.balance(buyer.id)
            let poor = try await shop.order(buyer.id, product, quantity: 1, wait: 30).expect(200)
            #expect(poor["state"] == "rejected")
            #expect(poor["reason"] == "insufficient_funds")
            #expect(poor["reason_detail"].text?.isEmpty == false)

            try await shop.topUp(buyer.id, 100_000)
            let empty = try await shop.order(buyer.id, product, quantity: 4, wait: 30).expect(200)
            #expect(empty["state"] == "rejected")
            #expect(empty["reason"] == "out_of_stock")

            try await shop.settle()
            #expect(try await shop.balance(buyer.id) == [before[0] + 100_000, 0])
            #expect(try await shop.stock(product) == 3)
        }

        private func reviews(_ buyer: Person, _ product: Int64, _ shop: Shop) async throws {
            #expect(try await shop.get("/api/products/\(product)/rating").expect(200)["count"] == 0)
            try await shop.post(
                "/api/reviews", token: buyer.token,
                body: ["text": "A fine bear.", "evaluation": 5, "product_id": .integer(product)]
            ).expect(200)
            try await shop.post(
                "/api/reviews", token: try await shop.token(901),
                body: ["text": "Sheds.", "evaluation": 2, "product_id": .integer(product)]
            ).expect(200)
            let rating = try await shop.get("/api/products/\(product)/rating").expect(200)
            #expect(rating["count"] == 2)
            #expect(rating["average"] == .number(3.5))
            let reviews = try await shop.get("/api/products/\(product)/reviews").expect(200)["reviews"].list
            #expect(Set(reviews.map { $0["text"].text }) == ["A fine bear.", "Sheds."])
            try await shop.post(
                "/api/reviews", token: buyer.token,
                body: ["text": "None.", "evaluation": 5, "product_id": 999_999]
            ).expectProblem(404, "product_not_found")
        }
    }
}
