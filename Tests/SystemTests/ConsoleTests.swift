import FoundationEssentials
import Hosting
import NIOHTTP1
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// The operators' page of a serving process, asked as a browser asks.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct ConsoleTests {
        private func look(_ shop: Shop, _ path: String, headers: HTTPHeaders = [:]) async throws -> Reply {
            try await shop.process(of: .gateway).admin.send(.GET, "/console/api/\(path)", headers: headers)
        }

        private func act(
            _ shop: Shop, _ path: String, token: String?, body: RequestBody = .json([:]), headers: HTTPHeaders = [:]
        ) async throws -> Reply {
            try await shop.process(of: .gateway).admin.send(
                .POST, "/console/api/\(path)", token: token, body: body, headers: headers)
        }

        private func command(_ shop: Shop, _ arguments: String...) async throws -> JSON {
            try await Shopctl.run(arguments + ["-o", "json"], environment: shop.environment).expect(0).json
        }

        @Test("The page brings all it needs, and a browser may ask nobody else for it")
        func page() async throws {
            let page = try await Shop.current.process(of: .gateway).admin.send(.GET, "/console")
            #expect(page.status == 200 && page.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
            let policy = try #require(page.headers.first(name: "Content-Security-Policy"))
            for part in [
                "default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "connect-src 'self'",
                "frame-ancestors 'none'",
            ] { #expect(policy.contains(part), "\(part): \(policy)") }
            #expect(!policy.contains("unsafe"))
            for elsewhere in [" src=", "@import", "https://", "style=", "onclick="] {
                #expect(!page.text.contains(elsewhere), "\(elsewhere)")
            }
        }

        @Test("It tells what the commands tell, in their shapes, and no secret")
        func results() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            let order = try await shop.order(7, product, wait: 60).expect(200)
            let id = try #require(order["id"].integer)
            let saga = try #require(order["saga_id"].text)
            try await shop.settle()
            let story = try await eventuallyValue("buyer and seller have been told") {
                let told = try await command(shop, "order", "story", "\(id)")
                return told["events"].list.filter { $0["event"] == "notified" }.count == 2 ? told : nil
            }
            let shown = try await look(shop, "order/\(id)/story")
            #expect(shown.expect(200) == story)
            #expect(shown.headers.first(name: "Cache-Control") == "no-store")
            let inspected = try await command(shop, "saga", "inspect", saga)
            for name in [saga, "\(id)"] {
                let told = try await look(shop, "saga/\(name)").expect(200)
                #expect(told == inspected, "\(name)")
            }
            let listed = try await command(shop, "saga", "list", "--state", "all", "--limit", "1")
            #expect(try await look(shop, "sagas?state=all&limit=1").expect(200) == listed)
            try await eventually("the queues are told as the command tells them") {
                let queues = try await command(shop, "queue", "list")
                return try await look(shop, "queues").expect(200) == queues
            }
            let status = try await look(shop, "status")
            let told = status.expect(200)
            #expect(try JSONSchema(name: "status").faults(in: told) == [])
            #expect(told["level"] == "ok" && told["findings"].list == [], "\(status)")
            #expect(told["processes"][0]["ready"] == true && told["roles"].list == [])
            #expect(told["databases"].list.allSatisfy { $0["state"] == "ok" }, "\(status)")
            for url in shop.environment.values where url.contains("://") {
                guard let password = URLComponents(string: url)?.password, password.count > 11 else { continue }
                for reply in [status, shown] { #expect(!reply.text.contains(password)) }
            }
        }

        @Test("What is wrong with a request is told in the shape of a command's error")
        func refusals() async throws {
            let shop = try Shop.current
            for (path, status) in [
                ("order/999999/story", 404), ("order/none/story", 400), ("saga/999999", 404), ("saga/-", 400),
                ("sagas?state=lost", 400), ("sagas?limit=0", 400), ("sagas?cursor=x", 400), ("history?after=x", 400),
            ] {
                let reply = try await look(shop, path)
                let faults = try JSONSchema(name: "failure").faults(in: reply.expect(status))
                #expect(faults == [], "\(path)")
                #expect(!reply.text.contains("shopctl --help") && !reply.text.contains("--cursor"), "\(reply)")
            }
            let admin = try shop.process(of: .gateway).admin
            let long = RequestBody.raw(String(repeating: "x", count: 20_000))
            for (reply, status) in [
                (try await admin.send(.GET, "/console/api/nothing"), 404),
                (try await admin.send(.POST, "/console"), 405),
                (try await admin.send(.DELETE, "/console/api/sagas"), 405),
                (try await act(shop, "saga/1/retry", token: nil, body: long), 413),
            ] {
                let faults = try JSONSchema(name: "failure").faults(in: reply.expect(status))
                #expect(faults == [], "\(reply)")
                #expect(status != 405 || reply.headers.first(name: "Allow") == "GET, HEAD", "\(reply)")
            }
            try await admin.send(.GET, "//console").expect(404)
            let head = try await admin.send(.HEAD, "/console")
            #expect(head.status == 200 && head.text.isEmpty, "\(head)")
        }

        @Test("Deeds are an admin's, and come from the page itself; no other page and no other name may look")
        func access() async throws {
            let shop = try Shop.current
            let admin = try await shop.token(77, .admin)
            let path = "queue/nothing/replay"
            let unknown = try await act(shop, path, token: nil)
            unknown.expect(401)
            #expect(unknown.headers.first(name: "WWW-Authenticate")?.hasPrefix("Bearer") == true)
            try await act(shop, path, token: "nonsense").expect(401)
            try await act(shop, path, token: try await shop.token(7)).expect(403)
            try await act(shop, path, token: admin, body: .raw("{}", type: "text/plain")).expect(415)
            try await act(shop, path, token: nil, body: .raw("{}", type: "text/plain")).expect(401)
            try await act(shop, path, token: admin, headers: ["Origin": "http://elsewhere.example"]).expect(403)
            try await act(shop, path, token: admin, headers: ["Sec-Fetch-Site": "cross-site"]).expect(403)
            let origin = try shop.process(of: .gateway).admin.origin
            try await act(shop, path, token: admin, headers: ["Origin": origin]).expect(404)
            try await act(shop, "queue/products/replay", token: admin, body: .raw("[]")).expect(400)
            for body in [
                #"{"message_ids":[]}"#, #"{"message_id":"one"}"#, #"{"reason":" "}"#, #"{"reason":"a\u0000b"}"#,
                #"{"reason":"a\nb"}"#,
            ] {
                try await act(shop, "queue/products/replay", token: admin, body: .raw(body)).expect(400)
                try await act(shop, "saga/1/retry", token: admin, body: .raw(body)).expect(400)
            }

            try await look(shop, "history", headers: ["Origin": "http://elsewhere.example"]).expect(403)
            try await look(shop, "history", headers: ["Authorization": "Bearer nonsense"]).expect(401)
            try await look(shop, "history", headers: ["Host": "elsewhere.example"]).expect(401)
            try await look(
                shop, "history", headers: ["Host": "elsewhere.example", "Authorization": "Bearer \(admin)"]
            ).expect(200)
        }

        @Test("An admin retries a saga, and is named in the audit trail; what is over is left alone")
        func retry() async throws {
            let shop = try Shop.current
            let admin = try await shop.token(77, .admin)
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(8, 10_000)
            let customers = try #require(shop.databases[.customers])
            let saga = try await customers.transaction { transaction in
                // Nobody takes part meanwhile.
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                let saga = try #require(try await shop.order(8, product).expect(202)["saga_id"].text)
                let done = try await act(
                    shop, "saga/\(saga)/retry", token: admin, body: .json(["reason": "a test's"]))
                let told = done.expect(200)
                #expect(try JSONSchema(name: "saga-retry").faults(in: told) == [])
                #expect(told["sagas"][0] == ["id": .text(saga), "due": true])
                return saga
            }
            try await shop.settle()
            let noted = try await shop.number(
                .orders,
                """
                SELECT count(*) FROM audit_trail WHERE actor_id = 77 AND actor_role = 'admin' AND user_id = 8
                    AND action = \("saga.retry \(saga)") AND reason = \("a test's")
                """)
            #expect(noted == 1)
            let over = try await act(shop, "saga/\(saga)/retry", token: admin)
            #expect(over.expect(409)["error"]["object"].text == saga, "\(over)")
        }

        @Test("An admin sends a dead letter back, and is told what came of it")
        func replay() async throws {
            let shop = try Shop.current
            let admin = try await shop.token(77, .admin)
            let letter = try await shop.publishGarbage(to: .products)
            try await eventually("the letter is told") {
                let queues = try await look(shop, "queues").expect(200)["queues"].list
                // Its age is told as well, though the page asks again and again.
                return queues.contains {
                    $0["queue"] == "products.inbox.v2" && $0["dead"] == 1 && $0["oldest_at"].text != nil
                }
            }
            let path = "queue/products/dead-letters"
            try await look(shop, path).expect(401)
            let customer = try await shop.token(7)
            try await look(shop, path, headers: ["Authorization": "Bearer \(customer)"]).expect(403)
            try await look(
                shop, path, headers: ["Authorization": "Bearer \(admin)", "Sec-Fetch-Site": "cross-site"]
            ).expect(403)
            let authorized: HTTPHeaders = ["Authorization": "Bearer \(admin)"]
            try await look(shop, "queue/nothing/dead-letters", headers: authorized).expect(404)
            let peeked = try await command(shop, "queue", "peek", "products")
            let letters = try await look(shop, path, headers: authorized).expect(200)
            #expect(letters == peeked && letters["dead_letters"][0]["message_id"].text == letter, "\(letters)")
            let outcome = try await act(
                shop, "queue/products/replay", token: admin,
                body: .json(["message_ids": [.text(letter)], "reason": "a test's"])
            ).expect(200)
            #expect(try JSONSchema(name: "replay").faults(in: outcome) == [])
            #expect(outcome["count"] == 1 && outcome["messages"][0]["outcome"] == "died_again", "\(outcome)")
            let noted = try await shop.number(
                .products,
                """
                SELECT count(*) FROM audit_trail WHERE actor_id = 77 AND actor_role = 'admin'
                    AND action = \("queue.replay \(letter)") AND reason = \("a test's")
                """)
            #expect(noted == 1)
            try await shop.run("queue", "drop", "products", "--message-id", letter, "--reason", "a test").expect(0)
        }

        @Test("The last hour has the orders, the steps' times and the queues, and goes on from where one was")
        func history() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(9, 10_000)
            try await shop.order(9, product, wait: 60).expect(200)
            let history = try await eventuallyValue("an order and its steps are in it", timeout: .seconds(60)) {
                let told = try await look(shop, "history").expect(200)
                let samples = told["samples"].list
                let isThere = samples.contains { ($0["orders"]["placed"].integer ?? 0) > 0 }
                let steps = Set(
                    samples.flatMap { $0["steps"].list }.filter { $0["saga"] == "order-placement" }
                        .compactMap { "\($0["step"].text ?? "") \($0["participant"].text ?? "")" })
                return isThere && steps.count == 4 ? told : nil
            }
            #expect(try JSONSchema(name: "console-history").faults(in: history) == [])
            #expect(history["not_asked"].list == [])
            let last = try #require(history["samples"].list.last)
            let services = last["queues"].list.compactMap { $0["service"].text }
            #expect(services == ["customers", "orders", "products", "reviews"], "\(last)")
            let number = try #require(last["number"].integer)
            let later = try await look(shop, "history?after=\(number)").expect(200)["samples"].list
            #expect(later.allSatisfy { ($0["number"].integer ?? 0) > number }, "\(later)")
        }
    }
}
