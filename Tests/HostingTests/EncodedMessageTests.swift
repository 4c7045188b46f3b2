import GRPCCore
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Hosting

@Suite("Messages that are passed on as they are encoded")
struct EncodedMessageTests {
    /// A message as long as that, and longer: lengths of one byte, two and three.
    private static func product(describedBy length: Int) -> Products_Product {
        .with {
            $0.id = 7
            $0.name = "Teapot"
            $0.description_p = String(repeating: "é", count: length)
            $0.price = 1 << 40
            $0.amount = -1
            $0.version = .max
        }
    }

    @Test("A message around another is byte for byte what the library makes of it", arguments: [0, 10, 100, 20_000])
    func holding(length: Int) throws {
        let product = Self.product(describedBy: length)
        let part: [UInt8] = try product.serializedBytes()
        let answer = Products_GetOneProductResponse.with { $0.product = product }
        let whole = EncodedMessage(field: 1, holding: part[...])
        #expect(try whole == EncodedMessage(answer))
        #expect(try Products_GetOneProductResponse(serializedBytes: whole.bytes) == answer)
        #expect(EncodedMessage.areWhole(part[...]) && EncodedMessage.areWhole(whole.bytes[...]))
        // The same from the middle of something longer.
        let framed = [1] + part
        #expect(EncodedMessage(field: 1, holding: framed.dropFirst()) == whole)
    }

    @Test("A field of a high number has a tag of several bytes")
    func highField() throws {
        #expect(EncodedMessage(field: 100, holding: [9]).bytes == [0xA2, 0x06, 1, 9])
        #expect(EncodedMessage(field: 1, holding: []).bytes == [0x0A, 0])
    }

    @Test("Bytes are a message only where every field is whole")
    func wholeFields() throws {
        let bytes: [UInt8] = try Reviews_GetAverageEvaluationResponse.with {
            $0.average = 4.5
            $0.count = 300
            $0.sum = 1350
        }.serializedBytes()
        // Four bytes behind a tag, and two numbers of two bytes behind tags of two.
        let ends = [0, 5, 9, 13]
        #expect(bytes.count == 13)
        for length in 0...bytes.count {
            #expect(EncodedMessage.areWhole(bytes[..<length]) == ends.contains(length), "\(length)")
        }
        let fixed: [UInt8] = [0x09, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(EncodedMessage.areWhole(fixed[...]))
        #expect(!EncodedMessage.areWhole(fixed.dropLast()))
        let unreadable: [[UInt8]] = [
            [0xFF], [0x00], [0x0B], [0x0C], [0x0F], [0x0A, 0x05, 1], [0x08, 0x80],
            // A length, and a number, beyond 64 bits.
            [0x0A] + Array(repeating: 0xFF, count: 9) + [0x01], [0x08] + Array(repeating: 0xFF, count: 9) + [0x02],
            Array(#"{"count":1,"sum":4}"#.utf8),
        ]
        for bytes in unreadable { #expect(!EncodedMessage.areWhole(bytes[...]), "\(bytes)") }
        let largest: [UInt8] = [0x08] + Array(repeating: 0xFF, count: 9) + [0x01]
        #expect(EncodedMessage.areWhole(largest[...]))
    }

    @Test("It is written as it is")
    func serializer() throws {
        let bytes: [UInt8] = try EncodedMessageSerializer().serialize(EncodedMessage(bytes: [3, 1, 2]))
        #expect(bytes == [3, 1, 2])
    }
}
