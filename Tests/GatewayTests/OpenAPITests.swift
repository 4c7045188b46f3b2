import HTTPTypes
import Hosting
import Hummingbird
import Testing

@testable import Gateway

/// The document against the routes, and against itself.
@Suite struct OpenAPITests {
    private struct Operation {
        let name: String
        let body: JSONValue
    }

    private let document: JSONValue

    init() throws {
        self.document = try JSONParser.parse(Array(EmbeddedDocuments.openAPI.utf8))
    }

    private var operations: [Operation] {
        document["paths"].members.flatMap { path, item in
            item.members.map { Operation(name: "\($0.key.uppercased()) \(path)", body: $0.value) }
        }
    }

    private func routes() throws -> [Route] {
        try InProcessGateway.routes(peers: Peers(local: [])).routes
    }

    private static func name(of route: Route) -> String {
        let path = route.path.components.map(\.description).joined(separator: "/")
        return "\(route.method.rawValue) /\(path)"
    }

    @Test func routesAndDocumentAreTheSame() throws {
        let served = Set(try routes().map(Self.name))
        let documented = Set(operations.map(\.name))
        #expect(served.subtracting(documented).sorted() == [], "served, and not in the document")
        #expect(
            documented.subtracting(served).sorted() == [],
            "in the document, and not served")
    }

    @Test func whoMayCallIsTold() throws {
        let access = Dictionary(uniqueKeysWithValues: try routes().map { (Self.name(of: $0), $0.access) })
        for operation in operations {
            let isSignedIn = !operation.body["security"].elements.isEmpty
            if let access = access[operation.name] {
                #expect(isSignedIn == (access != .everyone), "\(operation.name)")
            }
            let answers = operation.body["responses"].members
            guard isSignedIn else { continue }
            #expect(answers["401"] != nil && answers["403"] != nil, "\(operation.name)")
        }
    }

    @Test func whatHasATagIsTold() throws {
        let table = try InProcessGateway.routes(peers: Peers(local: []))
        let written = PreconditionGuard(table: table).writtenPaths(of: table)
        let documented = Dictionary(uniqueKeysWithValues: operations.map { ($0.name, $0.body["responses"]) })
        for route in table.routes where route.method == .get && route.access != .signedInByHandshake {
            let isTagged = route.access == .everyone || written.contains(route.path.description)
            let answers = try #require(documented[Self.name(of: route)])
            #expect((answers["304"] != .null) == isTagged, "\(Self.name(of: route))")
            let headers = answers["200"]["headers"]
            #expect((headers["ETag"] != .null) == isTagged, "\(Self.name(of: route))")
            let isCatalogue = route.access == .everyone && Self.name(of: route).hasPrefix("GET /api/")
            #expect((headers["Cache-Control"] != .null) == isCatalogue, "\(Self.name(of: route))")
        }
    }

    @Test func everyOperationSaysWhatItIs() {
        var ids: Set<String> = []
        let tags = Set(document["tags"].elements.compactMap { $0["name"].text })
        for operation in operations {
            let id = operation.body["operationId"].text ?? ""
            #expect(!id.isEmpty && ids.insert(id).inserted, "\(operation.name)")
            #expect(operation.body["summary"].text?.isEmpty == false, "\(operation.name)")
            #expect(operation.body["tags"].elements.allSatisfy { tags.contains($0.text ?? "") }, "\(operation.name)")
            let answers = operation.body["responses"].members.keys
            #expect(answers.contains { $0.hasPrefix("2") || $0 == "101" }, "\(operation.name)")
            #expect(answers.contains("429") && answers.contains("500"), "\(operation.name)")
            if operation.body["requestBody"] != .null {
                #expect(Set(["400", "413", "415"]).isSubset(of: answers), "\(operation.name)")
            }
        }
        #expect(ids.count == operations.count && ids.count > 40)
    }

    @Test func everyPathParameterIsDeclared() {
        for operation in operations {
            let declared = operation.body["parameters"].elements.map(resolved).filter { $0["in"].text == "path" }
            let inPath = operation.name.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                $0.dropFirst().dropLast()
            }
            #expect(
                declared.compactMap { $0["name"].text }.sorted() == inPath.map(String.init).sorted(),
                "\(operation.name)")
            #expect(declared.allSatisfy { $0["required"] == .bool(true) }, "\(operation.name)")
        }
    }

    @Test func everyReferenceLeadsSomewhereAndNothingLiesAround() {
        var used: Set<String> = []
        func walk(_ value: JSONValue) {
            if let reference = value["$ref"].text {
                #expect(target(of: reference) != .null, "\(reference)")
                used.insert(reference)
            }
            value.members.values.forEach(walk)
            value.elements.forEach(walk)
        }
        walk(document)
        for kind in ["schemas", "responses", "parameters", "headers"] {
            for name in document["components"][kind].members.keys where !name.hasSuffix("Frame") {
                #expect(used.contains("#/components/\(kind)/\(name)"), "\(kind)/\(name) is used nowhere")
            }
        }
    }

    @Test func problemsHaveTheFormOfProblems() {
        let names = Set(document["components"]["schemas"]["Problem"]["properties"].members.keys)
        for (name, response) in document["components"]["responses"].members where name != "NotModified" {
            let example = response["content"][Problem.contentType]["example"]
            #expect(!example.members.isEmpty && names.isSuperset(of: example.members.keys), "\(name)")
        }
    }

    @Test func amountsHaveTheLimitsThatAreChecked() {
        let limits: [(schema: String, field: String, range: ClosedRange<Int64>)] = [
            ("NewProduct", "amount", 1...Limits.stock), ("NewProduct", "price", 1...Limits.price),
            ("ProductChange", "amount", 0...Limits.stock), ("ProductChange", "price", 1...Limits.price),
            ("NewCartLine", "amount", 1...Limits.quantity), ("CartAmount", "amount", 0...Limits.quantity),
            ("NewOrderItem", "quantity", 1...Limits.quantity), ("NewTopUp", "amount", 1...Limits.topUp),
        ]
        let schemas = document["components"]["schemas"]
        for (schema, field, range) in limits {
            let property = schemas[schema]["properties"][field]
            #expect(property["minimum"] == .number(String(range.lowerBound)), "\(schema).\(field)")
            #expect(property["maximum"] == .number(String(range.upperBound)), "\(schema).\(field)")
        }
        #expect(schemas["NewOrderItem"]["properties"]["price"]["minimum"] == .number("1"))
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        value["$ref"].text.map(target) ?? value
    }

    private func target(of reference: String) -> JSONValue {
        reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
    }
}
