import FoundationEssentials
import Hosting
import NIOHTTP1
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// What clients send that they should not: each gets its status and a stable code, and leaves no trace.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct BadInputTests {
        private let buyer: Int64 = 7

        /// Expects that no order was written, and that all else still adds up.
        private func expectNoTrace(_ shop: Shop) async throws {
            #expect(try await shop.number(.orders, "SELECT count(*) FROM orders") == 0)
            #expect(try await shop.number(.orders, "SELECT count(*) FROM sagas") == 0)
            try await shop.checkInvariants()
        }

        /// A body and what it comes to.
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let body: String
            let status: Int
            let code: String

            var testDescription: String { name }
        }

        private static func items(_ items: String) -> String { #"{"items": [\#(items)]}"# }

        static let orders = [
            Case(
                name: "an unknown product", body: items(#"{"product_id": 999999, "quantity": 1}"#), status: 404,
                code: "product_not_found"),
            Case(
                name: "no quantity at all", body: items(#"{"product_id": PRODUCT}"#), status: 400, code: "invalid_field"
            ),
            Case(
                name: "a quantity of zero", body: items(#"{"product_id": PRODUCT, "quantity": 0}"#), status: 400,
                code: "invalid_field"),
            Case(
                name: "a negative quantity", body: items(#"{"product_id": PRODUCT, "quantity": -1}"#), status: 400,
                code: "invalid_field"),
            Case(
                name: "a quantity past 64 bits",
                body: items(#"{"product_id": PRODUCT, "quantity": 9223372036854775808}"#), status: 400,
                code: "invalid_field"),
            Case(
                name: "the largest quantity of 64 bits",
                body: items(#"{"product_id": PRODUCT, "quantity": 9223372036854775807}"#), status: 400,
                code: "invalid_field"),
            Case(
                name: "quantities of one product that add up to too much",
                body: items(
                    #"{"product_id": PRODUCT, "quantity": 600000}, {"product_id": PRODUCT, "quantity": 600000}"#),
                status: 400, code: "invalid_quantity"),
            Case(
                name: "a total past 64 bits",
                body: items(#"{"product_id": PRODUCT, "quantity": 1000000, "price": 9223372036854775807}"#),
                status: 400,
                code: "amount_overflow"),
            Case(
                name: "a price of zero", body: items(#"{"product_id": PRODUCT, "quantity": 1, "price": 0}"#),
                status: 400, code: "invalid_field"),
            Case(
                name: "a quantity with a fraction", body: items(#"{"product_id": PRODUCT, "quantity": 1.5}"#),
                status: 400, code: "invalid_field"),
            Case(
                name: "a quantity in quotes", body: items(#"{"product_id": PRODUCT, "quantity": "1"}"#), status: 400,
                code: "invalid_field"),
            Case(name: "no items", body: items(""), status: 400, code: "invalid_field"),
            Case(
                name: "10,000 items",
                body: items(
                    [String](repeating: #"{"product_id": PRODUCT, "quantity": 1}"#, count: 10_000)
                        .joined(separator: ",")), status: 400, code: "too_many_items"),
            Case(name: "no JSON", body: "quantity=1", status: 400, code: "malformed_json"),
            Case(name: "half of a JSON text", body: #"{"items": ["#, status: 400, code: "malformed_json"),
            Case(name: "nothing", body: "", status: 400, code: "malformed_json"),
            Case(name: "a list instead of an object", body: "[]", status: 400, code: "invalid_field"),
            Case(
                name: "lists in lists without end", body: String(repeating: "[", count: 100_000), status: 400,
                code: "malformed_json"),
            Case(
                name: "somebody else's order", body: #"{"user_id": 8, "items": [{"product_id": 1, "quantity": 1}]}"#,
                status: 403, code: "not_owner"),
        ]

        @Test("An order that cannot be", arguments: orders)
        func order(badOrder: Case) async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 5)
            let body = badOrder.body.replacing("PRODUCT", with: "\(product)")
            let reply = try await shop.gateway.send(
                .POST, "/api/orders", token: try await shop.token(buyer), body: .raw(body))
            reply.expectProblem(badOrder.status, badOrder.code)
            #expect(try await shop.number(.orders, "SELECT count(*) FROM orders") == 0)
            #expect(try await shop.stock(product) == 5)
        }

        @Test("A body that is no JSON by its own word, or too large")
        func bodies() async throws {
            let shop = try Shop.current
            let token = try await shop.token(buyer)
            let body = Self.items(#"{"product_id": 1, "quantity": 1}"#)
            for type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"] {
                try await shop.gateway.send(.POST, "/api/orders", token: token, body: .raw(body, type: type))
                    .expectProblem(415, "unsupported_media_type")
            }
            let large = body + String(repeating: " ", count: 1 << 20)
            for tellsLength in [true, false] {
                try await shop.gateway.send(
                    .POST, "/api/orders", token: token, body: .raw(large, tellsLength: tellsLength)
                ).expectProblem(413, "body_too_large")
            }
            try await expectNoTrace(shop)
        }

        @Test("A token that is not to be trusted, or none")
        func tokens() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 5)
            let good = try await shop.token(buyer)
            let parts = good.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            // The claims of a good token under a header that says there is no signature.
            let none = Data(#"{"alg":"none","typ":"at+jwt","kid":"\#(shop.keys.activeKeyID)"}"#.utf8)
            let unsigned = none.base64EncodedString().replacing("=", with: "").replacing("+", with: "-")
                .replacing("/", with: "_")
            let bad: [(token: String?, code: String)] = [
                (nil, "token_required"),
                ("nonsense", "token_malformed"),
                (try await shop.token(buyer, ttl: .seconds(-60)), "token_expired"),
                ("\(unsigned).\(parts[1]).", "token_wrong_algorithm"),
                ("\(unsigned).\(parts[1]).\(parts[2])", "token_wrong_algorithm"),
                (try await shop.token(buyer, audience: "another shop"), "token_wrong_audience"),
                (try await shop.token(buyer, keys: .generate()), "token_unknown_key"),
                ("\(parts[0]).\(try await shop.token(8).split(separator: ".")[1]).\(parts[2])", "token_bad_signature"),
            ]
            for (token, code) in bad {
                let reply = try await shop.post(
                    "/api/orders", token: token, body: ["items": [["product_id": .integer(product), "quantity": 1]]])
                reply.expectProblem(401, code)
                #expect(reply.headers.first(name: "WWW-Authenticate")?.hasPrefix("Bearer") == true, "\(code)")
            }
            try await expectNoTrace(shop)
        }

        @Test("Another user's things")
        func others() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 5)
            let other = try await shop.token(8)
            for path in ["/api/cart/\(buyer)", "/api/orders/\(buyer)", "/api/balance/\(buyer)"] {
                try await shop.get(path, token: other).expectProblem(403, "not_owner")
            }
            try await shop.post(
                "/api/cart", token: other,
                body: ["user_id": .integer(buyer), "product_id": .integer(product), "amount": 1]
            ).expectProblem(403, "not_owner")
            try await shop.delete("/api/cart/\(buyer)", token: other, body: ["product_id": .integer(product)])
                .expectProblem(403, "not_owner")
            #expect(
                try await shop.get("/api/cart/\(buyer)", token: try await shop.token(buyer)).json["lines"].list == [])
            // An admin may.
            try await shop.get("/api/cart/\(buyer)", token: try await shop.token(1, .admin)).expect(200)
        }

        @Test("Paths and methods that are not there")
        func routes() async throws {
            let shop = try Shop.current
            let token = try await shop.token(buyer)
            try await shop.get("/api/nothing").expectProblem(404, "route_not_found")
            let wrong = try await shop.patch("/api/orders", token: token, body: [:])
            wrong.expectProblem(405, "method_not_allowed")
            #expect(wrong.headers.first(name: "Allow") == "POST")
            try await shop.get("/api/products/999999").expectProblem(404, "product_not_found")
            try await shop.get("/api/products/0").expectProblem(400, "invalid_field")
            try await shop.get("/api/products/99999999999999999999").expectProblem(400, "invalid_field")
            try await shop.get("/api/order/999999", token: token).expectProblem(404, "order_not_found")
            try await shop.get("/api/balance/x", token: token).expectProblem(400, "invalid_field")
        }

        @Test("Top-ups and products that cannot be")
        func amounts() async throws {
            let shop = try Shop.current
            let admin = try await shop.token(1, .admin)
            for amount in ["0", "-5", "1.5", "1000000000001", "9223372036854775807", "9223372036854775808"] {
                try await shop.gateway.send(
                    .POST, "/api/top-ups", token: admin, body: .raw(#"{"user_id": 7, "amount": \#(amount)}"#),
                    headers: ["Idempotency-Key": "bad"]
                ).expectProblem(400, "invalid_field")
            }
            #expect(try await shop.balance(buyer) == [0, 0])

            let product: JSON = ["name": "Bear", "amount": 1, "price": 1, "category": "weapons"]
            try await shop.post("/api/products", token: admin, body: product)
                .expectProblem(400, "category_not_found")
            try await shop.post(
                "/api/products", token: admin, body: ["name": "", "amount": 1, "price": 1, "category": "toys"]
            ).expectProblem(400, "invalid_field")
            try await shop.post(
                "/api/products", token: admin, body: ["name": "Bear", "amount": 0, "price": 1, "category": "toys"]
            ).expectProblem(400, "invalid_field")
            try await expectNoTrace(shop)
        }

        @Test("The gateway's limits are the services': the most of everything is taken")
        func most() async throws {
            let shop = try Shop.current
            let admin = try await shop.token(1, .admin)
            let photo = "https://photos.example/" + String(repeating: "a", count: 2025)
            try await shop.post(
                "/api/products", token: admin,
                body: [
                    "name": "Bear", "amount": 1_000_000_000, "price": 1_000_000_000_000, "category": "toys",
                    "photo_url": .text(photo),
                ]
            ).expect(200)
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.post(
                "/api/cart", token: admin, body: ["product_id": .integer(product), "amount": 1_000_000]
            ).expect(200)
            try await shop.gateway.send(
                .POST, "/api/top-ups", token: admin, body: .raw(#"{"user_id": 9, "amount": 1000000000000}"#),
                headers: ["Idempotency-Key": "most"]
            ).expect(200)
            try await expectNoTrace(shop)
        }
    }
}
