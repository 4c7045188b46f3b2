import HTTPTypes
import Hosting
import Hummingbird
import Testing

@testable import Gateway

/// No body, path or query ends the process: each is answered, by a refusal of the client or the absence of the services.
@Suite struct HostileInputTests {
    private static let values = [
        "1e400", "-1e400", "-0", "0", "-1", "1000000000000000000000000000000", "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808", "1.5", "0.1e1", "1E-999999999", "null", "true", "[]", "{}", #""""#, #""\u0000""#,
        #""\ud83d\ude00""#, #""\u202e""#, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", #"{"a":{"a":{"a":1}}}"#,
        String(repeating: "9", count: 5000), #""\#(String(repeating: "a\u{301}", count: 5000))""#,
    ]

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    @Test func noBodyEndsTheProcess() async throws {
        let document = try JSONParser.parse(Array(EmbeddedDocuments.openAPI.utf8))
        let gateway = try InProcessGateway(peers: Peers(local: []))
        for (path, item) in document["paths"].members {
            for (name, operation) in item.members where operation["requestBody"] != .null {
                let method = try #require(HTTPRequest.Method(name.uppercased()))
                let reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].text ?? ""
                let schema = document["components"]["schemas"][String(reference.split(separator: "/").last ?? "")]
                let members = schema["properties"].members.keys.sorted()
                let place = path.replacing(#/\{\w+\}/#, with: "7")
                for value in Self.values {
                    let wrong = members.map { #""\#($0)":\#(value)"# }.joined(separator: ",")
                    for body in [
                        value, "{\(wrong)}", "[{\(wrong)}]", #"{"items":[{\#(wrong)}],"lines":[{\#(wrong)}]}"#,
                    ] {
                        let answer = try await gateway.call(
                            method, place, as: 7, role: .admin, headers: [.idempotencyKey: "k"], body)
                        #expect(answer.status >= 400 || answer.status == 204, "\(name) \(path) \(body.prefix(80))")
                    }
                }
            }
        }
    }

    @Test func noQueryOrPathEndsTheProcess() async throws {
        let gateway = try InProcessGateway(peers: Peers(local: []))
        let routes = try InProcessGateway.routes(peers: Peers(local: [])).routes
        let values = [
            "1e400", "-0", "99999999999999999999", "-9223372036854775808", "%00", "%ff", "%", "%zz", "+", "%2B1", "",
            "%D9%A1", "0x1", String(repeating: "9", count: 3000), "a%CC%81", "%E2%80%AE",
        ]
        for route in routes where route.access != .signedInByHandshake {
            for value in values {
                let path =
                    "/"
                    + route.path.components.map { $0.description.hasPrefix("{") ? value : $0.description }
                    .joined(separator: "/")
                let query = [
                    "limit", "cursor", "after", "min_price", "max_price", "sort", "in_stock", "q", "state", "",
                ]
                .map { "\($0)=\(value)" }.joined(separator: "&")
                let answer = try await gateway.call(route.method, "\(path)?\(query)", as: 7, role: .admin)
                #expect((200...599).contains(answer.status))
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func damagedBodiesAreRead(seed: UInt64) throws {
        var random = Generator(state: seed)
        let whole = Array(
            #"{"items":[{"product_id":1,"quantity":2,"price":-1.5e+3}],"user_id":null,"é\u00e9\ud83d\ude00":[true,""]}"#
                .utf8)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                case 2:
                    bytes.insert(contentsOf: #"\"{}[]ude0-+.,:\u"#.utf8.shuffled(using: &random).prefix(3), at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { break }
            }
            _ = try? JSONBody.read(NewOrder.self, from: bytes)
            _ = try? JSONBody.read(ProductChange.self, from: bytes)
        }
    }

    @Test(arguments: [
        "*", "\"", "\"\"", "W/", "W/\"", "W/\"\"", ",", "\"a\"\"b\"", "\"\u{301}\"",
        String(repeating: "\"", count: 5000),
    ])
    func noTagEndsTheProcess(_ text: String) throws {
        let precondition = try #require(Precondition([.ifMatch: text, .ifNoneMatch: text]))
        _ = precondition.matches("\"a\"")
        _ = precondition.excludes(text)
    }
}
