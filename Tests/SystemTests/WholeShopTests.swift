import FoundationEssentials
import Hosting
import NIOHTTP1
import TestClients
import TestSupport
import Testing

extension SystemTests {
    /// What customers do beyond the first order, in both layouts: by REST and WebSocket, as a shop front end would.
    @Suite(.inTurn, .serialized) struct WholeShopTests {
        @Test("Catalogue, favourites, cart, cancellation, reviews, notifications, deletion", arguments: Layout.allCases)
        func theWholeShop(_ layout: Layout) async throws {
            try await withShop(layout) { shop in
                let seller = try await shop.signUp("Seller")
                let buyer = try await shop.signUp("Buyer")
                let teapot = try await catalogue(shop, seller)
                try await favouritesAndCart(shop, buyer, teapot)
                let order = try await purchase(shop, buyer, seller, teapot)
                try await review(shop, buyer, seller, teapot)
                try await cancellation(shop, buyer, seller, order, teapot)
                try await deletion(shop, buyer, seller, teapot)
                try await session(shop, buyer)
                try await shop.checkInvariants()
            }
        }

        private func catalogue(_ shop: Shop, _ seller: Person) async throws -> Int64 {
            let posted = try await shop.post(
                "/api/products", token: seller.token,
                body: [
                    "name": "Blue teapot", "amount": 5, "price": 300, "category": "toys",
                    "description": "Short and stout.", "photo_url": "https://shop.example/teapot.jpg",
                ])
            let id = try #require(posted.expect(200)["id"].integer)
            let changed = try await shop.patch(
                "/api/products/\(id)", token: seller.token, body: ["price": 250]
            ).expect(200)
            #expect(changed["price"] == 250)
            try await shop.patch("/api/products/\(id)", token: try await shop.token(8), body: ["price": 1])
                .expectProblem(403, "not_owner")
            let found = try await shop.get("/api/products?q=teapot&min_price=200&max_price=260&sort=price&limit=1")
                .expect(200)
            #expect(found["products"].list.map { $0["id"] } == [.integer(id)])
            #expect(try await shop.get("/api/products?q=samovar").expect(200)["products"].list == [])
            #expect(
                try await shop.get("/api/sellers/\(seller.id)/products").expect(200)["products"][0]["photo_url"]
                    == "https://shop.example/teapot.jpg")
            #expect(try await shop.get("/api/categories").expect(200)["categories"].list.count == 4)
            try await shop.get("/api/products?min_price=2&max_price=1").expectProblem(400, "invalid_field")
            // Unchanged, it need not be sent again.
            let first = try await shop.get("/api/products/\(id)")
            let tag = try #require(first.headers.first(name: "ETag"))
            #expect(try await shop.get("/api/products/\(id)", headers: ["If-None-Match": tag]).status == 304)
            try await shop.patch("/api/products/\(id)", token: seller.token, body: ["amount": 6]).expect(200)
            let again = try await shop.get("/api/products/\(id)", headers: ["If-None-Match": tag])
            #expect(again.expect(200)["amount"] == 6)
            return id
        }

        private func favouritesAndCart(_ shop: Shop, _ buyer: Person, _ teapot: Int64) async throws {
            let liked = "/api/liked/\(buyer.id)"
            try await shop.post("/api/liked", token: buyer.token, body: ["product_id": .integer(teapot)]).expect(200)
            #expect(
                try await shop.get(liked, token: buyer.token).expect(200)["product_ids"].list == [.integer(teapot)])
            try await shop.get(liked, token: try await shop.token(8)).expectProblem(403, "not_owner")

            let cart = "/api/cart/\(buyer.id)"
            let guest: JSON = ["lines": [["product_id": .integer(teapot), "amount": 2]]]
            for _ in 0..<2 {
                try await shop.post(
                    "\(cart)/merge", token: buyer.token, body: guest, headers: ["Idempotency-Key": "guest-1"]
                ).expect(200)
            }
            let merged = try await shop.get(cart, token: buyer.token).expect(200)
            #expect(merged["lines"][0]["amount"] == 2 && merged["total"] == 500)
            try await shop.gateway.send(
                .PUT, "\(cart)/lines/\(teapot)", token: buyer.token, body: .json(["amount": 7])
            ).expect(200)
            let tooMany = try await shop.get(cart, token: buyer.token).expect(200)
            #expect(tooMany["lines"][0]["unavailable"] == "out_of_stock" && tooMany["total"] == 0)
            try await shop.gateway.send(
                .PUT, "\(cart)/lines/\(teapot)", token: buyer.token, body: .json(["amount": 2])
            ).expect(200)
        }

        /// Buys two; both are told live, without a token in the URL, and the line leaves the cart.
        private func purchase(
            _ shop: Shop, _ buyer: Person, _ seller: Person, _ teapot: Int64
        ) async throws -> Int64 {
            try await shop.topUp(buyer.id, 1_000)
            let address = try #require(HostPort(String(shop.gateway.origin.dropFirst("http://".count))))
            var order: Int64 = 0
            try await WebSocketClient.with(address, token: buyer.token, path: "/ws?after=0") { socket in
                try await socket.hello()
                let placed = try await shop.order(buyer.id, teapot, quantity: 2, wait: 20, key: "buy-1").expect(200)
                #expect(placed["state"] == "confirmed")
                order = try #require(placed["id"].integer)
                let told = try await socket.told()
                #expect(told.kind == "order_confirmed" && told.order_id == order && told.sequence == 1)
                let metrics = try await gatewayMetrics(shop)
                #expect(metrics.contains("\ngateway_websocket_sessions 1\n"))
                #expect(metrics.contains(#"gateway_websocket_frames_sent_total{kind="text"} 2"#))
            }
            try await WebSocketClient.with(address, token: seller.token, path: "/ws?after=0") { socket in
                try await socket.hello()
                #expect(try await socket.told().kind == "product_sold")
            }
            try await eventually("the sessions have been counted out") {
                let metrics = try await gatewayMetrics(shop)
                return metrics.contains("\ngateway_websocket_sessions 0\n")
                    && metrics.contains(#"gateway_websocket_closes_total{code="1006"} 2"#)
            }
            try await eventually("the bought line has left the cart") {
                try await shop.get("/api/cart/\(buyer.id)", token: buyer.token).expect(200)["lines"].list == []
            }
            try await shop.get("/ws", token: buyer.token).expectProblem(426, "upgrade_required")
            return order
        }

        private func gatewayMetrics(_ shop: Shop) async throws -> String {
            String(decoding: try await shop.process(of: .gateway).admin.send(.GET, "/metrics").body, as: UTF8.self)
        }

        private func review(_ shop: Shop, _ buyer: Person, _ seller: Person, _ teapot: Int64) async throws {
            for evaluation in [2, 4] as [Int64] {
                try await shop.post(
                    "/api/reviews", token: buyer.token,
                    body: ["product_id": .integer(teapot), "evaluation": .integer(evaluation), "text": "Pours well."]
                ).expect(200)
            }
            let rating = try await shop.get("/api/products/\(teapot)/rating").expect(200)
            #expect(rating["count"] == 1 && rating["sum"] == 4)
            try await eventually("the purchase is verified") {
                try await shop.get("/api/products/\(teapot)/reviews").expect(200)["reviews"][0]["verified_purchase"]
                    == true
            }
            try await eventually("the seller is told of the review") {
                try await kinds(shop, seller).contains("review_posted")
            }
            try await shop.delete("/api/reviews", token: seller.token, body: ["id": 1])
                .expectProblem(403, "not_owner")
        }

        private func cancellation(
            _ shop: Shop, _ buyer: Person, _ seller: Person, _ order: Int64, _ teapot: Int64
        ) async throws {
            try await shop.post("/api/order/\(order)/cancel", token: try await shop.token(8), body: [:])
                .expectProblem(404, "order_not_found")
            let cancelled = try await shop.post(
                "/api/order/\(order)/cancel", token: buyer.token, body: [:], headers: ["Prefer": "wait=20"]
            ).expect(200)
            #expect(cancelled["state"] == "cancelled")
            try await shop.post("/api/order/\(order)/cancel", token: buyer.token, body: [:])
                .expectProblem(409, "order_not_cancellable")
            try await eventually("the money is back") { try await shop.balance(buyer.id) == [1_000, 0] }
            try await eventually("the goods are back") { try await shop.stock(teapot) == 6 }
            let statement = try await shop.get("/api/balance/\(buyer.id)/statement?limit=2", token: buyer.token)
                .expect(200)
            #expect(statement["entries"][0]["kind"] == "refund" && statement["entries"][0]["balance"] == 1_000)
            #expect(statement["next_cursor"].text != nil)
            #expect(
                try await shop.get("/api/balance/\(buyer.id)/holds", token: buyer.token).expect(200)["holds"].list == []
            )
            try await eventually("both are told of the cancellation") {
                let toBuyer = try await kinds(shop, buyer).contains("order_cancelled")
                let toSeller = try await kinds(shop, seller).contains("sale_cancelled")
                return toBuyer && toSeller
            }
            let listed = try await shop.get("/api/orders/\(buyer.id)?state=cancelled&limit=5", token: buyer.token)
                .expect(200)
            #expect(listed["orders"].list.map { $0["id"] } == [.integer(order)])
        }

        private func deletion(_ shop: Shop, _ buyer: Person, _ seller: Person, _ teapot: Int64) async throws {
            try await shop.post(
                "/api/cart", token: buyer.token, body: ["product_id": .integer(teapot), "amount": 1]
            ).expect(200)
            try await shop.delete("/api/products/\(teapot)", token: buyer.token).expectProblem(403, "not_owner")
            let saga = try await shop.delete("/api/products/\(teapot)", token: seller.token).expect(200)["saga_id"]
            try await shop.get("/api/products/\(teapot)").expectProblem(404, "product_not_found")
            try await eventually("it is gone everywhere") {
                let cart = try await shop.get("/api/cart/\(buyer.id)", token: buyer.token).expect(200)["lines"].list
                let liked = try await shop.get("/api/liked/\(buyer.id)", token: buyer.token)
                    .expect(200)["product_ids"].list
                let rating = try await shop.get("/api/products/\(teapot)/rating").expect(200)["count"]
                return cart.isEmpty && liked.isEmpty && rating == 0
            }
            // Old orders keep what they were.
            let orders = try await shop.get("/api/orders/\(buyer.id)", token: buyer.token).expect(200)["orders"]
            #expect(orders[0]["products"][0]["name"] == "Blue teapot")
            try await eventually("its saga is over") {
                let shown = try await shop.run("saga", "inspect", "product:\(teapot)", "-o", "json").expect(0).json
                return shown["saga"]["id"] == saga && shown["saga"]["state"] == "confirmed"
            }
        }

        /// Signing out, and changing the password.
        private func session(_ shop: Shop, _ buyer: Person) async throws {
            #expect(try await shop.get("/api/me", token: buyer.token).expect(200)["email"] == .text(buyer.email))
            let changed = try await shop.post(
                "/auth/password", token: buyer.token,
                body: ["current_password": .text(buyer.password), "new_password": "an even longer one"])
            #expect(changed.status == 204, "\(changed)")
            try await shop.post("/auth/refresh", body: ["refresh_token": .text(buyer.refreshToken)])
                .expectProblem(401, "invalid_refresh_token")
            let tokens = try await shop.post(
                "/auth/signin", body: ["email": .text(buyer.email), "password": "an even longer one"]
            ).expect(200)
            let out = try await shop.post("/auth/signout", body: ["refresh_token": tokens["refresh_token"]])
            #expect(out.status == 204, "\(out)")
            try await shop.post("/auth/refresh", body: ["refresh_token": tokens["refresh_token"]])
                .expectProblem(401, "invalid_refresh_token")
            // An admin may act for somebody else, and it is on record.
            try await shop.post(
                "/api/cart", token: try await shop.token(1, .admin),
                body: [
                    "user_id": .integer(buyer.id), "product_id": .integer(try await shop.sell(price: 5, amount: 1)),
                    "amount": 1,
                ]
            ).expect(200)
            let audit = try await shop.run("audit", "list", "--user", "\(buyer.id)", "-o", "json").expect(0).json
            #expect("\(audit)".contains("cart.add"))
        }

        private func kinds(_ shop: Shop, _ person: Person) async throws -> Set<String> {
            let list = try await shop.get("/api/notifications/\(person.id)", token: person.token).expect(200)
            return Set(list["notifications"].list.compactMap { $0["kind"].text })
        }
    }
}
