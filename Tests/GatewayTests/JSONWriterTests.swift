import FoundationEssentials
import NIOCore
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Gateway

@Suite("JSON as it is written")
struct JSONWriterTests {
    private func written(_ value: some JSONWritable) -> String { String(buffer: JSONText.encode(value)) }

    /// As Foundation writes it.
    private func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test("Texts are escaped where they must be, and nowhere else")
    func texts() throws {
        let scalars = (0...0x2FFF).compactMap { Unicode.Scalar(UInt32($0)) }
        let different = try scalars.filter { scalar in
            let text = String(Character(scalar))
            return try written(text) != encoded(text)
        }
        #expect(different.isEmpty)
        let long = String(repeating: "a\"b\\c\n/é日🎁\u{0}\u{1F}", count: 1000)
        #expect(try written(long) == encoded(long))
        #expect(written("") == #""""#)
        #expect(written("\"\\/\u{1F}\u{7F}\n") == #""\"\\/\u001f"# + "\u{7F}" + #"\n""#)
    }

    @Test("Numbers are written as short as they are")
    func numbers() throws {
        for number in [Int64.min, -1, 0, 7, .max] { #expect(try written(number) == encoded(number)) }
        for number in [0, 1, 4.5, 10.0 / 3, -0.1, 5e-7, 1e22, 123_456_789] {
            #expect(try written(number) == encoded(number))
        }
        #expect(written(4.0) == "4" && written(4.5) == "4.5")
        #expect(written(true) == "true" && written(false) == "false")
    }

    @Test("Lists and objects stand within each other")
    func nesting() {
        struct Outer: JSONWritable {
            let lists: [[Int64]]
            let parts: [OneMember<String>]
            let none: Int64?

            func write(to json: inout JSONWriter) {
                json.object { json in
                    json.member("lists", lists)
                    json.member("none", ifPresent: none)
                    json.member("parts", parts)
                    json.member("zero", ifPresent: Int64?(0))
                }
            }
        }
        let value = Outer(lists: [[], [1], [2, 3]], parts: [OneMember("b", "x"), OneMember("a", "y")], none: nil)
        #expect(written(value) == #"{"lists":[[],[1],[2,3]],"parts":[{"b":"x"},{"a":"y"}],"zero":0}"#)
        #expect(written([Int64]()) == "[]")
        #expect(written((0..<1000).map { Int64($0) }) == "[" + (0..<1000).map(String.init).joined(separator: ",") + "]")
    }

    @Test("A product, an order and a problem have their members in the order of their names")
    func bodies() {
        let product = Products_Product.with {
            ($0.id, $0.amount, $0.price, $0.userID) = (7, 3, 250, 2)
            ($0.name, $0.category, $0.description_p, $0.currency) = ("Samovar", "toys", "Hot", "RUB")
        }
        #expect(
            written(ProductBody(product))
                == #"{"amount":3,"category":"toys","currency":"RUB","description":"Hot","id":7,"name":"Samovar","#
                + #""price":250,"user_id":2}"#)
        let order = Orders_Order.with {
            ($0.id, $0.userID, $0.price, $0.state, $0.currency) = (1, 2, 250, "rejected", "RUB")
            ($0.reason, $0.reasonDetail, $0.sagaID) = ("out_of_stock", "none left", "s")
            ($0.createdAt, $0.decidedAt, $0.cancelledAt) = ("c", "d", "e")
            ($0.cancellationSagaID, $0.cancellationReason, $0.cancellationReasonDetail) = ("f", "g", "h")
            $0.products = [
                .with {
                    ($0.productID, $0.productPrice, $0.quantity, $0.sellerID, $0.name) = (7, 250, 1, 3, "Samovar")
                }
            ]
        }
        #expect(
            written(OrderBody(order))
                == #"{"cancellation_reason":"g","cancellation_reason_detail":"h","cancellation_saga_id":"f","#
                + #""cancelled_at":"e","created_at":"c","currency":"RUB","decided_at":"d","id":1,"price":250,"#
                + #""products":[{"name":"Samovar","product_id":7,"product_price":250,"quantity":1,"seller_id":3}],"#
                + #""reason":"out_of_stock","reason_detail":"none left","saga_id":"s","state":"rejected","user_id":2}"#)
        #expect(
            written(Problem.invalidField("name", "must be").body(requestID: "r"))
                == #"{"code":"invalid_field","detail":"name must be","errors":[{"detail":"must be","field":"name"}],"#
                + #""request_id":"r","status":400,"title":"Bad Request","type":"about:blank"}"#)
    }
}
