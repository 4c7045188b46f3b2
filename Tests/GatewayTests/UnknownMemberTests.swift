import HTTPTypes
import Hosting
import Testing

@testable import Gateway

/// A member that nobody knows is refused by its name, in every body.
@Suite struct UnknownMemberTests {
    private let document: JSONValue

    init() throws {
        self.document = try JSONParser.parse(Array(EmbeddedDocuments.openAPI.utf8))
    }

    @Test(arguments: [
        (#"{"items":[{"product_id":1,"quantity":1,"pirce":5}]}"#, "items[0].pirce", "did you mean price?"),
        (#"{"items":[{"product_id":1,"quantity":1},{"product_id":1,"quantty":1}]}"#, "items[1].quantty", "quantity?"),
        (#"{"item":[]}"#, "item", "did you mean items?"), (#"{"USER_ID":1}"#, "USER_ID", "did you mean user_id?"),
        (#"{"colour":"red","items":[]}"#, "colour", "items, user_id"), (#"{"":1}"#, "", "items, user_id"),
    ])
    func aMisspeltMemberOfAnOrderIsNamed(_ body: String, _ field: String, _ advice: String) async throws {
        let answer = try await InProcessGateway(peers: Peers(local: [])).call(.post, "/api/orders", as: 1, body)
        #expect(answer.status == 400 && answer.code == "invalid_field")
        #expect(answer.fields == [field])
        #expect(answer.json["errors"].elements.first?["detail"].text?.hasSuffix(advice) == true, "\(answer.body)")
    }

    @Test func aMemberIsNeverPassedOverForAnotherThatIsMissing() async throws {
        let gateway = try InProcessGateway(peers: Peers(local: []))
        let answer = try await gateway.call(.post, "/auth/signin", #"{"email":"a@b.co","pasword":"correct horse"}"#)
        #expect(answer.fields == ["pasword"])
        #expect(answer.json["detail"].text?.contains("did you mean password?") == true)
    }

    @Test func anEndlessNameIsCutShortAndManyAreCounted() async throws {
        let gateway = try InProcessGateway(peers: Peers(local: []))
        let name = String(repeating: "e\u{301}", count: 100_000)
        #expect(try await gateway.call(.post, "/auth/refresh", #"{"\#(name)":1}"#).body.utf8.count < 2000)
        let many = (0..<1000).map { #""x\#($0)":1"# }.joined(separator: ",")
        #expect(try await gateway.call(.post, "/auth/refresh", "{\(many)}").fields.count == 20)
    }

    /// The document and the routes know the same members: what a route tells of itself is compared with the schema.
    @Test func bodiesAreThoseOfTheDocument() async throws {
        let gateway = try InProcessGateway(peers: Peers(local: []))
        let schemas = document["components"]["schemas"]
        var seen = 0
        for (path, item) in document["paths"].members {
            for (method, operation) in item.members where operation["requestBody"] != .null {
                let media = operation["requestBody"]["content"]["application/json"]
                let reference = try #require(media["schema"]["$ref"].text)
                let schema = schemas[String(reference.split(separator: "/").last ?? "")]
                try await compare(
                    schema, at: "", of: "\(method) \(path)", gateway, wrap: { "{\($0)}" }, method: method, path: path)
                for (name, property) in schema["properties"].members {
                    guard let inner = property["items"]["$ref"].text else { continue }
                    try await compare(
                        schemas[String(inner.split(separator: "/").last ?? "")], at: "\(name)[0].",
                        of: "\(method) \(path)", gateway, wrap: { #"{"\#(name)":[{\#($0)}]}"# }, method: method,
                        path: path
                    )
                }
                seen += 1
            }
        }
        #expect(seen > 12)
    }

    private func compare(
        _ schema: JSONValue, at prefix: String, of name: String, _ gateway: InProcessGateway, wrap: (String) -> String,
        method: String,
        path: String
    ) async throws {
        #expect(schema["additionalProperties"] == .bool(false), "\(name) \(prefix)")
        let known = schema["properties"].members.keys.sorted()
        // All that the document names, and one that it does not.
        let members = known.map { #""\#($0)":null"# } + [#""zz-no-such-thing":1"#]
        let method = try #require(HTTPRequest.Method(method.uppercased()))
        let place = path.replacing("{product}", with: "7").replacing("{user_id}", with: "1").replacing(
            "{id}", with: "7"
        )
        .replacing("{product_id}", with: "7")
        let answer = try await gateway.call(
            method, place, as: 1, role: .admin, headers: [.idempotencyKey: "k"], wrap(members.joined(separator: ",")))
        #expect(answer.fields == ["\(prefix)zz-no-such-thing"], "\(name): \(answer.body)")
        let detail = answer.json["errors"].elements.first?["detail"].text ?? ""
        let told = detail.split(separator: ": ").last?.split(separator: ", ").map(String.init).sorted()
        #expect(told == known, "\(name): \(detail)")
    }

    @Test(arguments: [
        ("pirce", "price"), ("prices", "price"), ("Price", "price"), ("productid", "product_id"),
        ("prouct_id", "product_id"),
        ("amuont", "amount"),
    ])
    func theNearestNameIsFound(_ given: String, _ meant: String) {
        #expect(Spelling.nearest(to: given, among: ["id", "price", "product_id", "amount"]) == meant)
    }

    @Test(arguments: ["", "x", "zz", "colour", String(repeating: "price", count: 20)])
    func whatIsFarFromAllIsNotGuessed(_ given: String) {
        #expect(Spelling.nearest(to: given, among: ["id", "price", "product_id", "amount"]) == nil)
    }
}
