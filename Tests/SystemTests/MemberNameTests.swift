import FoundationEssentials
import Testing

extension SystemTests {
    /// The names of things in the JSON of commands, held against those of the REST API.
    @Suite struct MemberNameTests {
        /// An object of the REST API, and the place in a command's shape that shows the same thing.
        struct Pair: Sendable, CustomTestStringConvertible {
            let rest: String
            let shape: String
            let path: [String]
            /// Whether the command shows a part of it only.
            var isPart = false

            var testDescription: String { "\(rest) and \(([shape] + path).joined(separator: "."))" }

            static let all = [
                Pair(rest: "Order", shape: "order", path: []),
                Pair(rest: "Order", shape: "order-story", path: ["order"]),
                Pair(rest: "Order", shape: "order-list", path: ["orders"], isPart: true),
                Pair(rest: "Order", shape: "order-cancel", path: ["orders"], isPart: true),
                Pair(rest: "OrderedProduct", shape: "order", path: ["products"]),
                Pair(rest: "OrderedProduct", shape: "order-story", path: ["order", "products"]),
                Pair(rest: "Product", shape: "product", path: []),
                Pair(rest: "Product", shape: "product-list", path: ["products"]),
                Pair(rest: "Cart", shape: "cart", path: []),
                Pair(rest: "CartLine", shape: "cart", path: ["lines"]),
                Pair(rest: "Balance", shape: "customer", path: []),
                Pair(rest: "Hold", shape: "customer", path: ["holds"]),
                Pair(rest: "StatementEntry", shape: "statement", path: ["entries"]),
                Pair(rest: "TopUp", shape: "top-up", path: []),
                Pair(rest: "Review", shape: "review-list", path: ["reviews"]),
                Pair(rest: "User", shape: "user-list", path: ["users"]),
                Pair(rest: "FieldError", shape: "product-import", path: ["faults"]),
            ]

            /// Members that only a command has.
            static let additions: Set<String> = [
                "schema_version", "dry_run", "replayed", "foreseen_refusals", "product_count", "outcome", "error",
                "version", "currency", "holds", "cart", "amount", "idempotency_key", "line", "called_off_because",
            ]
        }

        @Test("What REST shows has the same names in the JSON of commands", arguments: Pair.all)
        func names(_ pair: Pair) throws {
            let document = try JSON(repositoryFile("Sources/Gateway/OpenAPI/openapi.json").utf8)
            let rest = document["components"]["schemas"][pair.rest]["properties"].names
            let schema = try JSON(repositoryFile("docs/json/\(pair.shape).schema.json").utf8)
            var shape = schema
            for name in pair.path {
                let member = shape["properties"][name]
                shape = JSONSchema.resolved(member["items"] == .null ? member : member["items"], in: schema)
            }
            let shown = shape["properties"].names
            #expect(!rest.isEmpty && !shown.isEmpty)
            #expect(shown.subtracting(rest).subtracting(Pair.additions) == [], "named otherwise in REST")
            if !pair.isPart { #expect(rest.subtracting(shown) == [], "not shown") }
        }

        @Test(
            "One thing has one name in all shapes",
            arguments: [
                "refusal", "phase", "items", "item_count", "key_id", "by",
            ])
        func retired(_ name: String) throws {
            let folder = repositoryPath("docs/json")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            #expect(files.count > 50)
            // The phase of a development shop is none of a saga.
            for file in files where file != "dev-status.schema.json" {
                let shape = try JSON(repositoryFile("docs/json/\(file)").utf8)
                #expect(!Self.members(shape).contains(name), "\(file)")
            }
        }

        @Test("Every list's schema has one for a line of -o jsonl")
        func lineSchemas() throws {
            let files = try FileManager.default.contentsOfDirectory(atPath: repositoryPath("docs/json"))
            var lists = 0
            for file in files where file.hasSuffix(".schema.json") {
                let schema = try JSON(repositoryFile("docs/json/\(file)").utf8)
                let members = schema["properties"].names.subtracting(["schema_version", "total", "next_cursor"])
                guard let name = members.first, members.count == 1, schema["properties"][name]["items"] != .null
                else { continue }
                lists += 1
                let line = JSONSchema.resolved(schema["$defs"]["line"], in: schema)
                #expect(line["properties"].names.contains("schema_version"), "\(file)")
                #expect(line["additionalProperties"] == false, "\(file)")
            }
            #expect(lists > 20)
        }

        /// The names of all members that a schema describes.
        private static func members(_ schema: JSON) -> Set<String> {
            let own = schema["properties"]
            let defined = schema["$defs"].names.map { schema["$defs"][$0] }
            let inner = own.names.map { own[$0] } + defined + [schema["items"]].filter { $0 != .null }
            return inner.reduce(into: own.names) { $0.formUnion(members($1)) }
        }
    }
}
