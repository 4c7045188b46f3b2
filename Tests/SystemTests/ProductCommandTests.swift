import FoundationEssentials
import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// The catalogue from the command line: the real binary against a running shop.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct ProductCommandTests {
        /// Puts a product on sale by the command.
        private func create(_ shop: Shop, _ name: String, price: Int64 = 250, amount: Int64 = 3) async throws -> Int64 {
            let made = try await shop.run(
                "product", "create", "--seller", "7", "--name", name, "--category", "toys", "--price", "\(price)",
                "--amount", "\(amount)", "--reason", "asked by the seller", "-o", "json"
            ).expect(0).json
            #expect(try JSONSchema(name: "product").faults(in: made) == [])
            return try #require(made["id"].integer)
        }

        @Test("A product is put on sale, shown, changed under the version seen, and its stock set or moved")
        func change() async throws {
            let shop = try Shop.current
            let dry = try await shop.run(
                "product", "create", "--seller", "7", "--name", "Cup", "--category", "toys", "--price", "1",
                "--amount", "1", "--dry-run", "-o", "json"
            ).expect(0).json
            #expect(dry["id"] == .null && dry["dry_run"] == true)
            let id = try await create(shop, "Samovar")
            let shown = try await shop.run("product", "show", "\(id)", "-o", "json").expect(0).json
            #expect(shown["name"] == "Samovar" && shown["user_id"] == 7 && shown["amount"] == 3)
            let version = try #require(shown["version"].integer)

            let would = try await shop.run("product", "update", "\(id)", "--price", "240", "--dry-run").expect(0)
            #expect(would.output.contains("nothing was changed") && would.output.contains("2.40 RUB"), "\(would)")
            try await shop.run(
                "product", "update", "\(id)", "--price", "240", "--if-version", "\(version)", "--reason", "a misprint"
            ).expect(0)
            let late = try await shop.run(
                "product", "stock", "\(id)", "--amount", "9", "--if-version", "\(version)"
            ).expect(65)
            #expect(late.error.contains("SHOP-842"), "\(late)")
            #expect(try await shop.stock(id) == 3)
            try await shop.run("product", "stock", "\(id)", "--amount", "9").expect(0)
            #expect(try await shop.stock(id) == 9)
            try await shop.run("product", "stock", "\(id)", "--change", "-4").expect(0)
            try await shop.run("product", "stock", "\(id)", "--change", "+1").expect(0)
            #expect(try await shop.stock(id) == 6)
            let tooFew = try await shop.run("product", "stock", "\(id)", "--change", "-7").expect(65)
            #expect(tooFew.error.contains("SHOP-843"), "\(tooFew)")

            // It was the operator's doing, and the trail has the reason.
            let audit = try await shop.run("audit", "list", "--user", "7", "-o", "jsonl").expect(0).output
            for (action, reason) in [("product.post", #""asked by the seller""#), ("product.update", #""a misprint""#)]
            {
                let deed = #""user_id":7,"action":"\#(action)","reason":\#(reason),"subject_id":\#(id),"#
                #expect(audit.contains(#""actor_role":"operator",\#(deed)"#), "\(audit)")
            }
            let listed = try await shop.run("audit", "list", "--user", "7").expect(0)
            #expect(listed.output.contains("REASON") && listed.output.contains("a misprint"), "\(listed)")
        }

        @Test("Refusals name the thing and the way out")
        func refusals() async throws {
            let shop = try Shop.current
            let missing = try await shop.run("product", "show", "999999").expect(66)
            #expect(missing.error.contains("SHOP-841") && missing.error.contains("999999"), "\(missing)")
            #expect(missing.error.contains("shopctl product list") && missing.output == "")
            try await shop.run("product", "update", "999999", "--price", "1").expect(66)
            try await shop.run("product", "delete", "999999").expect(66)
            try await shop.run("product", "update", "1").expect(64)
            try await shop.run("product", "stock", "1").expect(64)
            try await shop.run("product", "stock", "1", "--amount", "1", "--change", "1").expect(64)
            try await shop.run("product", "show", "0").expect(64)
            try await shop.run("product", "list", "--cursor", "nonsense").expect(64)
            for command in ["list", "export"] {
                let none = try await shop.run("product", command, "--category", "nonsense").expect(66)
                #expect(none.output == "" && none.error.contains("error[SHOP-846]"), "\(none)")
                #expect(
                    none.error.contains("(nonsense)") && none.error.contains("hint: shopctl category list"), "\(none)")
            }
            let noFile = try await shop.run("product", "import", shop.directory + "/nothing").expect(66)
            #expect(noFile.error.contains("cannot read"), "\(noFile)")
            let category = try await shop.run(
                "product", "create", "--seller", "7", "--name", "Cup", "--category", "nonsense", "--price", "1",
                "--amount", "1"
            ).expect(66)
            #expect(category.error.contains("SHOP-846"), "\(category)")
            // A customer's token sees, and changes nothing of others.
            let id = try await create(shop, "Mug")
            let token = ["SHOPCTL_TOKEN": try await shop.token(8)]
            try await shop.run("product", "update", "\(id)", "--price", "1", environment: token).expect(77)
            try await shop.run("category", "create", "mine", environment: token).expect(77)
        }

        @Test("The list has pages, orders, filters and a number of all")
        func list() async throws {
            let shop = try Shop.current
            var ids: [Int64] = []
            for index in 1...5 as ClosedRange<Int64> {
                ids.append(try await shop.sell(price: 1_000 + index, amount: 1, seller: 55))
            }
            try await shop.databases[.products]?.query("UPDATE products SET amount = 0 WHERE id = \(ids[4])")
            for (sort, wanted) in [
                ("-id", Array(ids.reversed())), ("id", ids), ("price", ids), ("-price", ids.reversed()),
            ] {
                var told: [Int64] = []
                var cursor: String?
                repeat {
                    let page = try await Shopctl.run(
                        ["product", "list", "--seller", "55", "--limit", "2", "--sort=\(sort)", "-o", "json"]
                            + (cursor.map { ["--cursor", $0] } ?? []), environment: shop.environment
                    ).expect(0).json
                    #expect(page["total"] == 5)
                    #expect(try JSONSchema(name: "product-list").faults(in: page) == [])
                    told += page["products"].list.compactMap { $0["id"].integer }
                    cursor = page["next_cursor"].text
                } while cursor != nil && told.count < 100
                #expect(told == wanted, "\(sort)")
            }
            let stocked = try await shop.run(
                "product", "list", "--seller", "55", "--in-stock", "--min-price", "1003", "--columns", "id",
                "--no-headers"
            ).expect(0)
            #expect(stocked.output.split(whereSeparator: \.isWhitespace).map { Int64($0) } == [ids[3], ids[2]])
            let old = try await shop.run("product", "list", "--seller", "55", "--until", "1h", "-o", "json").expect(0)
            #expect(old.json["total"] == 0)
            let cut = try await shop.run("product", "list", "--seller", "55", "--limit", "2").expect(0)
            #expect(cut.error.hasPrefix("2 of 5; the next page: --cursor "), "\(cut)")
        }

        @Test("A deletion is begun, awaited, refused while an order holds the product, and told when it is kept")
        func delete() async throws {
            let shop = try Shop.current
            let id = try await create(shop, "Kettle")
            try await shop.run("product", "delete", "\(id)", "--dry-run").expect(0)
            #expect(try await shop.stock(id) == 3)
            let gone = try await shop.run(
                "product", "delete", "\(id)", "--wait=60", "--reason", "sold by mistake", "-o", "json"
            ).expect(0)
            #expect(gone.json["state"] == "deleted" && gone.error == "", "\(gone)")
            #expect(try JSONSchema(name: "product-deletion").faults(in: gone.json) == [])
            try await shop.run("product", "show", "\(id)").expect(66)

            let held = try await create(shop, "Pan")
            try await shop.databases[.products]?.query("UPDATE products SET reserved = 1 WHERE id = \(held)")
            let refused = try await shop.run("product", "delete", "\(held)", "--wait").expect(65)
            #expect(refused.error.contains("SHOP-843"), "\(refused)")
            try await shop.databases[.products]?.query("UPDATE products SET reserved = 0 WHERE id = \(held)")
            try await shop.settle()
        }
    }

    /// Categories and files of products from the command line.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct CatalogueFileTests {
        private func write(_ shop: Shop, _ name: String, _ text: String) throws -> String {
            let path = "\(shop.directory)/\(name)"
            try Data(text.utf8).write(to: URL(filePath: path))
            return path
        }

        /// Expects that the pages of two together are the whole, in each order.
        private func checkPages(_ shop: Shop, _ all: [JSON]) async throws {
            #expect(all.count == 5)
            func name(_ category: JSON) -> String { category["name"].text ?? "" }
            func products(_ category: JSON) -> Int64 { category["products"].integer ?? -1 }
            let byName = all.sorted { name($0) < name($1) }
            let fullest = all.sorted { (-products($0), name($0)) < (-products($1), name($1)) }
            for (sort, whole) in [("name", byName), ("-name", byName.reversed()), ("-products", fullest)] {
                var (seen, cursor): ([JSON], [String]) = ([], [])
                for count in [2, 2, 1] {
                    let arguments = ["category", "list", "--sort", sort, "--limit", "2", "-o", "json"] + cursor
                    let page = try await Shopctl.run(arguments, environment: shop.environment).expect(0).json
                    #expect(page["categories"].list.count == count && page["total"] == 5, "\(page)")
                    seen += page["categories"].list
                    cursor = page["next_cursor"].text.map { ["--cursor", $0] } ?? []
                }
                #expect(seen == whole && cursor == [], "\(sort)")
            }
            let cut = try await shop.run("category", "list", "--limit", "2").expect(0)
            let note = try #require(cut.error.split(separator: "\n").first { $0.contains("2 of 5") })
            let cursor = try #require(note.split(separator: " ").last)
            let other = try await shop.run("category", "list", "--sort", "-name", "--cursor", "\(cursor)").expect(64)
            #expect(other.error.contains("in this order"), "\(other)")
            // A cursor that the role hands on is bound to the list as well.
            for list in [["product", "list"], ["review", "list"], ["customer", "statement", "7"]] {
                try await Shopctl.run(list + ["--cursor", "\(cursor)"], environment: shop.environment).expect(64)
            }
        }

        @Test("Categories are made, renamed with their products, and deleted when nothing uses them; REST goes along")
        func categories() async throws {
            let shop = try Shop.current
            #expect(try await shop.get("/api/categories").expect(200)["categories"].list.count == 4)
            let dry = try await shop.run("category", "create", "garden", "--dry-run").expect(0)
            #expect(dry.output == "category garden would be made; nothing was done\n")
            try await shop.run("category", "create", "garden", "--reason", "asked by sellers").expect(0)
            try await shop.run("category", "create", "garden", "--dry-run").expect(65)
            let again = try await shop.run("category", "create", "garden").expect(65)
            #expect(again.error.contains("SHOP-847"), "\(again)")
            try await shop.run("category", "create", "7up").expect(65)
            try await eventually("the gateway shows it") {
                try await shop.get("/api/categories").expect(200)["categories"].list.contains("garden")
            }
            let rake = try await shop.sell(price: 100, amount: 1, category: "garden")
            #expect(try await shop.get("/api/products/garden").expect(200)["products"].list.count == 1)
            #expect(try await shop.get("/api/products/\(rake)").expect(200)["category"] == "garden")
            let inUse = try await shop.run("category", "delete", "garden").expect(65)
            #expect(inUse.error.contains("SHOP-848"), "\(inUse)")

            try await shop.run("category", "delete", "garden", "--dry-run").expect(65)
            let would = try await shop.run("category", "rename", "garden", "tools", "--dry-run", "-o", "json").expect(0)
            #expect(would.json["products"] == 1 && would.json["dry_run"] == true, "\(would)")
            let renamed = try await shop.run(
                "category", "rename", "garden", "tools", "--reason", "a better word", "-o", "json"
            ).expect(0).json
            #expect(renamed["products"] == 1 && renamed["name"] == "tools")
            try await eventually("the gateway shows the product in it") {
                try await shop.get("/api/products/\(rake)").expect(200)["category"] == "tools"
            }
            try await eventually("there is nothing under the old name") {
                try await shop.get("/api/products/garden").status == 404
            }
            #expect(try await shop.get("/api/products/tools").expect(200)["products"].list.count == 1)
            let listed = try await shop.run("category", "list", "-o", "json").expect(0).json
            #expect(try JSONSchema(name: "category-list").faults(in: listed) == [])
            #expect(listed["categories"].list.contains(["name": "tools", "products": 1]))
            try await checkPages(shop, listed["categories"].list)

            try await shop.run("product", "delete", "\(rake)", "--wait=60").expect(0)
            try await shop.run("category", "delete", "tools", "--dry-run").expect(0)
            try await shop.run("category", "delete", "tools").expect(0)
            let missing = try await shop.run("category", "delete", "tools").expect(66)
            #expect(missing.error.contains("SHOP-846"), "\(missing)")
            let audit = try await shop.run("audit", "list", "-o", "jsonl").expect(0).output
            #expect(audit.contains(#""action":"category.create garden","reason":"asked by sellers""#), "\(audit)")
            #expect(audit.contains(#""action":"category.rename garden tools","reason":"a better word""#), "\(audit)")
            try await shop.settle()
        }

        @Test("An export is imported again as it is, in either form")
        func roundTrip() async throws {
            let shop = try Shop.current
            let text = #"""
                name,price,amount,category,description
                "Cup, ""blue""",250,3,toys,"Two
                lines"
                Чайник,1990,1,toys,

                """#
            let file = try write(shop, "two.csv", text)
            let dry = try await shop.run("product", "import", file, "--seller", "71", "--dry-run").expect(0)
            #expect(dry.output.contains("2 of 2 products would be"), "\(dry)")
            #expect(
                try await shop.run("product", "list", "--seller", "71", "-o", "json").expect(0).json["total"] == 0)
            let done = try await shop.run(
                "product", "import", file, "--seller", "71", "--reason", "a new seller", "-o", "json"
            ).expect(0).json
            let trail = try await shop.run("audit", "list", "--user", "71", "-o", "json").expect(0).json["entries"].list
            #expect(trail.map { $0["action"] } == ["product.post", "product.post"], "\(trail)")
            #expect(trail.allSatisfy { $0["reason"] == "a new seller" }, "\(trail)")
            #expect(try JSONSchema(name: "product-import").faults(in: done) == [])
            #expect(done["imported"].list.map { $0["line"] } == [2, 4])
            for format in ["csv", "jsonl"] {
                let path = "\(shop.directory)/all.\(format)"
                let told = try await shop.run("product", "export", path, "--seller", "71", "-o", "json").expect(0).json
                #expect(told["products"] == 2 && told["format"] == .text(format))
                let printed = try await shop.run("product", "export", "--seller", "71", "--format", format).expect(0)
                #expect(printed.output == String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self))
                // For another seller, so that both can be compared.
                let seller = format == "csv" ? "72" : "73"
                let other =
                    format == "csv"
                    ? printed.output.replacing(",71\r\n", with: ",\(seller)\r\n")
                    : printed.output.replacing(#""user_id":71"#, with: #""user_id":\#(seller)"#)
                try await shop.run("product", "import", "-", "--format", format, input: other).expect(0)
                let copies = try await shop.run("product", "list", "--seller", seller, "--sort", "id", "-o", "json")
                    .expect(0).json["products"].list
                #expect(copies.map { $0["name"] } == ["Cup, \"blue\"", "Чайник"])
                #expect(copies.map { $0["description"] } == ["Two\nlines", ""])
            }
            for target in [[], ["-"]] {
                let refused = try await Shopctl.run(
                    ["product", "export", "-o", "json"] + target, environment: shop.environment
                ).expect(64)
                #expect(refused.output == "" && refused.error.contains("--format"), "\(refused)")
            }
            let unnamed = "\(shop.directory)/all.unknown"
            let formless = try await shop.run("product", "export", unnamed).expect(64)
            #expect(formless.error.contains("say --format csv or --format jsonl"), "\(formless)")
            #expect(!FileManager.default.fileExists(atPath: unnamed))
            try await shop.run("product", "export", unnamed, "--format", "csv").expect(0)
            try await shop.run("product", "export", "/dev/stdout", "--seller", "71").expect(0)
            try await shop.run("product", "export", "/nonexistent/all.csv").expect(66)
            try FileManager.default.createSymbolicLink(
                atPath: "\(shop.directory)/link.csv", withDestinationPath: "all.csv")
            try await shop.run("product", "export", "\(shop.directory)/link.csv", "--seller", "72").expect(0)
            let ours = try await shop.run("product", "export", "--seller", "72").expect(0).output
            let written = String(
                decoding: try Data(contentsOf: URL(filePath: "\(shop.directory)/all.csv")), as: UTF8.self)
            #expect(written == ours)
            try FileManager.default.createSymbolicLink(
                atPath: "\(shop.directory)/dangling.csv", withDestinationPath: "nothing.csv")
            let refused = try await shop.run("product", "export", "\(shop.directory)/dangling.csv").expect(65)
            #expect(
                refused.error.contains("SHOP-013") && refused.error.contains("a symbolic link to a file that is not"))
        }

        @Test("Faults are told with line and field; all or nothing by default, the rest by --keep-going")
        func faults() async throws {
            let shop = try Shop.current
            let file = try write(
                shop, "faults.jsonl",
                """
                {"name": "A", "price": 1, "amount": 1, "category": "toys", "user_id": 81}
                {"name": "B", "price": 0, "amount": 1, "category": "toys", "user_id": 81}
                {"name": "C", "price": 1, "amount": 1, "category": "nonsense", "user_id": 81}
                {"name": "D", "price": 1, "amount": 1, "category": "toys", "user_id": 81}
                """)
            for arguments in [[], ["--dry-run"]] {
                let all = try await Shopctl.run(
                    ["product", "import", file] + arguments, environment: shop.environment
                ).expect(65)
                #expect(all.output.contains("line 2, price: ") && all.output.contains("line 3, category: "), "\(all)")
                #expect(all.error.contains("SHOP-844") && all.error.contains("2 lines are at fault"), "\(all)")
            }
            func total() async throws -> JSON {
                try await shop.run("product", "list", "--seller", "81", "-o", "json").expect(0).json["total"]
            }
            #expect(try await total() == 0)
            // What cannot be read keeps no fault of the other lines from being told.
            let mixed = try write(
                shop, "mixed.csv",
                "name,price,amount,category\nA,x,1,toys\nB,0,1,toys\nC,1,1,toys\nD,1,1,nonsense\nE,1,,toys\n")
            for arguments in [[], ["--dry-run"]] {
                let all = try await Shopctl.run(
                    ["product", "import", mixed, "--seller", "81", "-o", "json"] + arguments,
                    environment: shop.environment
                ).expect(65)
                #expect(all.json["faults"].list.map { $0["line"] } == [2, 3, 5, 6], "\(all)")
                #expect(
                    all.json["faults"].list.map { $0["field"] } == ["price", "price", "category", "amount"], "\(all)")
                #expect(all.json["imported"].list.isEmpty && all.error.contains("4 lines are at fault"), "\(all)")
            }
            #expect(try await total() == 0)
            // The shop that refuses the caller keeps nothing of what is known without it from being told.
            let barred = try await Shopctl.run(
                ["product", "import", mixed, "--seller", "81"],
                environment: shop.environment.merging(["SHOPCTL_TOKEN": "nonsense"]) { $1 }
            ).expect(65)
            #expect(barred.output.contains("line 2, price: ") && barred.error.contains("were not asked"), "\(barred)")
            let some = try await shop.run("product", "import", file, "--keep-going", "-o", "json").expect(3)
            #expect(some.json["imported"].list.map { $0["line"] } == [1, 4])
            #expect(some.json["faults"].list.map { $0["line"] } == [2, 3])
            #expect(some.json["faults"].list.map { $0["field"] } == ["price", "category"])
            #expect(try await total() == 2)
            // A quote that is not closed spoils its own line.
            let open = try write(
                shop, "open.csv", "name,price,amount,category\nA,1,1,toys\nB,0,1,toys\n\"C,1,1,toys\nD,1,1,toys\n")
            let told = try await shop.run("product", "import", open, "--seller", "83").expect(65).output
            #expect(
                told.contains("line 3, price: ") && told.contains("line 4: a quoted field is not closed"), "\(told)")
            let rest = try await shop.run(
                "product", "import", open, "--seller", "83", "--keep-going", "-o", "json"
            ).expect(3).json
            #expect(rest["imported"].list.map { $0["line"] } == [2, 5], "\(rest)")
            #expect(rest["faults"].list.map { $0["line"] } == [3, 4], "\(rest)")

            let many = "name,price,amount,category\n" + String(repeating: "Cup,1,1,toys\n", count: 1001)
            let large = try write(shop, "large.csv", many)
            let refused = try await shop.run("product", "import", large, "--seller", "82").expect(65)
            #expect(refused.error.contains("SHOP-845") && refused.error.contains("--keep-going"), "\(refused)")
            let command = "\(try Shopctl.program()) product import \(large) --seller 82 --keep-going"
            let bar = try await Shell.run(
                "script -qec '\(command)' /dev/null", environment: shop.environment.merging(["TERM": "xterm"]) { $1 }
            ).expect(0).output
            #expect(
                bar.contains("] 100 of 1001 products") && bar.contains("1001 of 1001 products put on sale"), "\(bar)")
            #expect(
                try await shop.run("product", "list", "--seller", "82", "-o", "json").expect(0).json["total"] == 1001)
        }
    }
}
