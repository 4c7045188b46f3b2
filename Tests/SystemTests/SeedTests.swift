import FoundationEssentials
import Glibc
import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// A shop that is filled for a demonstration.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct SeedTests {
        private func seed(
            _ shop: Shop, _ arguments: String..., environment: [String: String] = [:], expecting status: Int32 = 0,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> CommandResult {
            let gateway = ["SHOPCTL_GATEWAY_URL": shop.gateway.origin]
            return try await Shopctl.run(
                ["shop", "seed"] + arguments,
                environment: shop.environment.merging(gateway) { $1 }.merging(environment) { $1 }
            ).expect(status, sourceLocation: sourceLocation)
        }

        @Test("A shop is filled, its people sign in, and the same again changes nothing; a larger size adds to it")
        func seedings() async throws {
            let shop = try Shop.current
            let file = shop.directory + "/demo-password"
            let users = try await shop.number(.gateway, "SELECT count(*) FROM users")
            let dry = try await seed(shop, "--size", "6", "--password-file", file, "--dry-run")
            #expect(dry.output.contains("products  6\n") && dry.output.contains("nothing was done"), "\(dry)")
            #expect(!FileManager.default.fileExists(atPath: file), "a check makes no file")
            #expect(try await shop.number(.gateway, "SELECT count(*) FROM users") == users)
            let nowhere = ["SHOPCTL_GATEWAY_URL": "http://127.0.0.1:9"]
            _ = try await seed(
                shop, "--password-file", file, "--dry-run", environment: nowhere, expecting: 69)
            _ = try await seed(
                shop, "--password-file", "/nonexistent/password", "--dry-run", expecting: 65)
            let first = try await seed(shop, "--size", "6", "--password-file", file, "-o", "json")
            let password = try String(decoding: Data(contentsOf: URL(filePath: file)), as: UTF8.self).dropLast()
            #expect(try await Shell.run("stat -c %a '\(file)'").expect(0).output == "600\n")
            #expect(password.count >= 25 && !(first.output + first.error).contains(password))
            let told = first.json
            #expect(first.error == "" && told["products"] == ["created": 6, "found": 0], "\(first)")
            #expect(told["confirmed"] == 6 && told["orders"]["created"] == 6 && told["rejected"] == 0, "\(first)")
            #expect(told["people"].list.count == 6 && told["people"].list.allSatisfy { $0["created"] == true })
            for person in [told["people"][0], told["people"][5]] {
                let session = try await shop.post(
                    "/auth/signin", body: ["email": person["email"], "password": .text(String(password))]
                ).expect(200)
                let token = try #require(session["access_token"].text)
                let id = try #require(person["id"].integer)
                try await shop.get("/api/balance/\(id)", token: token).expect(200)
            }
            let before = try await goods(shop, told)
            #expect(before.count == 6)
            try await shop.settle()
            try await shop.checkInvariants()

            // Another amount in a cart, and another text of a review, are their owner's own.
            let amounts: PostgresQuery = "SELECT count(*) FROM cart_lines WHERE amount = 9"
            try await shop.databases[.customers]?.query("UPDATE cart_lines SET amount = 9")
            let lines = try await shop.number(.customers, amounts)
            try #require(lines > 0 && told["reviews"].integer ?? 0 > 0, "\(told)")
            let author = try await shop.number(.reviews, "SELECT min(user_id) FROM reviews")
            let product = try await shop.number(
                .reviews, "SELECT min(product_id) FROM reviews WHERE user_id = \(author)")
            let edit = try await shop.post(
                "/api/reviews", token: try await shop.token(author),
                body: ["product_id": .integer(product), "evaluation": 1, "text": "Mine."])
            #expect(edit.json["id"].integer != nil, "\(edit)")

            let again = try await seed(shop, "--size", "6", "--password-file", file, "-o", "json").json
            #expect(again["people"].list.allSatisfy { $0["created"] == false })
            for what in ["products", "top_ups", "orders"] { #expect(again[what]["created"] == 0, "\(what): \(again)") }
            #expect(again["confirmed"] == 6)
            #expect(try await goods(shop, again) == before)
            #expect(try await shop.number(.customers, amounts) == lines)
            #expect(try await shop.number(.reviews, "SELECT count(*) FROM reviews WHERE text = 'Mine.'") == 1)
            #expect(try await shop.number(.orders, "SELECT count(*) FROM orders") == 6)
            #expect(try await shop.number(.reviews, "SELECT count(*) FROM reviews") == told["reviews"].integer)
            // The keys of yesterday are forgotten, and the orders are not placed again.
            try await shop.databases[.orders]?.query("DELETE FROM idempotency_keys")
            try await shop.databases[.customers]?.query("DELETE FROM idempotency_keys")
            let planned = try await seed(shop, "--size", "9", "--password-file", file, "--dry-run", "-o", "json").json
            #expect(planned["found"] == ["people": 6, "products": 6, "top_ups": 4, "orders": 6], "\(planned)")
            #expect(planned["products"] == 9 && planned["orders"] == 9, "\(planned)")
            #expect(planned["skipped"] == ["products": 0, "orders": 0, "reviews": 0], "\(planned)")
            #expect(try await goods(shop, again) == before, "nothing was done")
            #expect(try await shop.number(.orders, "SELECT count(*) FROM orders") == 6)
            let plan = try await seed(shop, "--size", "9", "--password-file", file, "--dry-run").output
            for part in ["2 sellers, 4 buyers, 6 there already\n", "9, 6 there already\n", "9, 6 there already, with "]
            {
                #expect(plan.contains(part), "\(part): \(plan)")
            }
            let unasked = try await seed(
                shop, "--size", "9", "--password-file", file, "--dry-run", "-o", "json",
                environment: ["SHOPCTL_GATEWAY_DATABASE_URL": ""])
            #expect(unasked.json["found"] == .null && unasked.json["products"] == 9, "\(unasked)")
            #expect(unasked.error.contains("what is there could not be asked: "), "\(unasked)")
            let larger = try await seed(shop, "--size", "9", "--password-file", file, "-o", "json").json
            #expect(
                larger["products"] == ["created": 3, "found": 6] && larger["orders"] == ["created": 3, "found": 6])
            #expect(larger["top_ups"]["created"] == 0 && larger["confirmed"] == 9, "\(larger)")
            try await shop.settle()
            try await shop.checkInvariants()
            let table = try await seed(shop, "--size", "9", "--password-file", file)
            #expect(table.output.contains("9 confirmed") && table.output.contains("@demo.example"), "\(table)")
            #expect(table.output.contains("all with the password in \(file)\n") && !table.output.contains(password))
            try await refusals(shop, file)
        }

        /// Names, prices and sellers of what is on sale.
        private func goods(_ shop: Shop, _ told: JSON) async throws -> [String] {
            let products = try await shop.get("/api/products").expect(200)["products"].list
            return products.map { "\($0["name"].text ?? "") \($0["price"]) \($0["id"])" }.sorted()
        }

        private func refusals(_ shop: Shop, _ file: String) async throws {
            let other = shop.directory + "/other"
            try Data("another password\n".utf8).write(to: URL(filePath: other))
            #expect(chmod(other, 0o644) == 0)
            let open = try await seed(shop, "--size", "6", "--password-file", other, expecting: 65)
            #expect(open.error.contains("SHOP-823") && open.error.contains("chmod 600"), "\(open)")
            #expect(chmod(other, 0o600) == 0)
            let taken = try await seed(shop, "--size", "6", "--password-file", other, expecting: 65)
            #expect(taken.error.contains("SHOP-824") && taken.error.contains("@demo.example"), "\(taken)")
            #expect(!taken.error.contains("another password\n") && taken.output == "")
            // A file that was made for them, and that nobody has the password of, is taken away again.
            let fresh = shop.directory + "/fresh"
            let vain = try await seed(shop, "--size", "6", "--password-file", fresh, expecting: 65)
            #expect(vain.error.contains("SHOP-824") && !FileManager.default.fileExists(atPath: fresh), "\(vain)")
            #expect(FileManager.default.fileExists(atPath: other), "one that was there stays")
            for foreign in [other, fresh] {
                let dry = try await seed(
                    shop, "--size", "6", "--password-file", foreign, "--dry-run", expecting: 65)
                #expect(dry.error.contains("SHOP-824") && dry.output == "", "\(dry)")
            }
            #expect(!FileManager.default.fileExists(atPath: fresh), "a check makes no file")
            try await shop.run("shop", "seed", "--password-file", file).expect(78)
            let unsaid = try await seed(shop, expecting: 64)
            #expect(unsaid.error.contains("--password-file"), "\(unsaid)")
            _ = try await seed(shop, "--size", "3", "--password-file", file, expecting: 64)
            _ = try await seed(shop, "--size", "large", "--password-file", file, expecting: 64)
            let nowhere = ["SHOPCTL_GATEWAY_URL": "http://127.0.0.1:9"]
            _ = try await seed(shop, "--password-file", file, environment: nowhere, expecting: 69)
        }

        @Test("Products that were deleted, and orders that were cancelled, are not made again")
        func goneSince() async throws {
            let shop = try Shop.current
            let file = shop.directory + "/gone-password"
            func again() async throws -> JSON {
                try await seed(shop, "--size", "4", "--seed", "5", "--password-file", file, "-o", "json").json
            }
            let first = try await again()
            #expect(first["orders"] == ["created": 4, "found": 0], "\(first)")
            #expect(first["skipped"] == ["products": 0, "orders": 0, "reviews": 0], "\(first)")
            try await shop.settle()
            let buyers = first["people"].list.filter { $0["part"] == "buyer" }.compactMap { $0["id"].integer }
            let order = try await shop.number(
                .orders, "SELECT max(id) FROM orders WHERE user_id = ANY(\(buyers)::bigint[])")
            let bought = try await shop.run("order", "show", "\(order)", "-o", "json").expect(0).json
            let product = try #require(bought["products"][0]["product_id"].integer, "\(bought)")
            try await shop.run("order", "cancel", "\(order)", "--reason", "a test", "--wait").expect(0)
            try await shop.settle()
            try await shop.run("product", "delete", "\(product)", "--reason", "a test", "--wait").expect(0)
            try await shop.settle()
            let orders = try await shop.number(.orders, "SELECT count(*) FROM orders")

            // The keys of the orders are there, and a day later they are not.
            for _ in 0..<2 {
                let told = try await again()
                #expect(told["products"] == ["created": 0, "found": 3], "\(told)")
                #expect(told["orders"] == ["created": 0, "found": 4] && told["confirmed"] == 3, "\(told)")
                #expect(told["skipped"]["products"] == 1 && told["skipped"]["orders"] == 0, "\(told)")
                try await shop.databases[.orders]?.query("DELETE FROM idempotency_keys")
            }
            #expect(try await shop.number(.orders, "SELECT count(*) FROM orders") == orders)
            let dry = try await seed(
                shop, "--size", "4", "--seed", "5", "--password-file", file, "--dry-run", "-o", "json"
            ).json
            #expect(dry["found"]["products"] == 3 && dry["found"]["orders"] == 4, "\(dry)")
            #expect(dry["skipped"]["products"] == 1 && dry["skipped"]["orders"] == 0, "\(dry)")
            let table = try await seed(shop, "--size", "4", "--seed", "5", "--password-file", file)
            #expect(table.output.contains("products are gone: products: 1, orders: 0, reviews: "), "\(table)")
            // A larger size has orders of what is gone; those that can be placed are.
            let larger = try await seed(shop, "--size", "12", "--seed", "5", "--password-file", file, "-o", "json").json
            #expect(larger["products"] == ["created": 8, "found": 3] && larger["orders"]["found"] == 4, "\(larger)")
            let made = (larger["orders"]["created"].integer ?? 0) + (larger["skipped"]["orders"].integer ?? 0)
            #expect(made == 8, "\(larger)")
        }

        @Test("On a terminal it tells how far it is; in a private shop it finds a place for the password")
        func progress() async throws {
            let shop = try Shop.current
            let environment = [
                "SHOPCTL_GATEWAY_URL": shop.gateway.origin, "SHOPCTL_DEV_DIRECTORY": shop.directory, "TERM": "xterm",
            ]
            let command = "\(try Shopctl.program()) shop seed --size 4 --seed 2 > /dev/null"
            let result = try await Shell.run(
                "script -qec '\(command)' /dev/null", environment: shop.environment.merging(environment) { $1 }
            ).expect(0)
            #expect(result.output.contains(" of ") && result.output.contains("[####"), "\(result)")
            #expect(FileManager.default.fileExists(atPath: shop.directory + "/demo-password"))
        }
    }
}
