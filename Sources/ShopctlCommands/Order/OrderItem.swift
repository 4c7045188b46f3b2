import ArgumentParser
import FoundationEssentials
import Hosting
import ShopProtos
import SwiftProtobuf

/// One line of an order, as a command line or a file says it.
struct OrderItem: Sendable, Equatable {
    let productID: Int64
    let quantity: Int64
    /// The unit price in minor units that the buyer was shown; nil accepts any.
    let price: Int64?

    var message: Orders_OrderItem {
        .with {
            $0.productID = productID
            $0.quantity = quantity
            if let price { $0.expectedPrice = price }
        }
    }
}

extension OrderItem: ExpressibleByArgument {
    /// Reads `ID:QUANTITY` or `ID:QUANTITY@PRICE`.
    init?(argument: String) {
        let sides = argument.split(separator: "@", omittingEmptySubsequences: false)
        let parts = sides[0].split(separator: ":", omittingEmptySubsequences: false)
        guard sides.count <= 2, parts.count == 2, let id = Self.number(parts[0]), let quantity = Self.number(parts[1])
        else { return nil }
        var price: Int64?
        if sides.count == 2 {
            guard let number = Self.number(sides[1]) else { return nil }
            price = number
        }
        self.init(productID: id, quantity: quantity, price: price)
    }

    /// A whole number above zero, in digits only.
    private static func number(_ text: Substring) -> Int64? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(text), number > 0 else { return nil }
        return number
    }
}

extension OrderItem {
    private struct FileItem: Decodable {
        let product_id: Int64
        let quantity: Int64
        let price: Int64?

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case product_id, quantity, price
        }

        private struct AnyKey: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Swift.Decoder) throws {
            // A misspelt `price` would otherwise be as good as none.
            let known = Set(CodingKeys.allCases.map(\.rawValue))
            for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "unknown member '\(key.stringValue)'"))
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            product_id = try container.decode(Int64.self, forKey: .product_id)
            quantity = try container.decode(Int64.self, forKey: .quantity)
            price = try container.decodeIfPresent(Int64.self, forKey: .price)
        }
    }

    /// Reads a JSON list of objects with `product_id`, `quantity` and perhaps `price`.
    ///
    /// - Throws: ``CommandFailure`` of bad data, naming item and member.
    static func parse(json: [UInt8], source: String) throws(CommandFailure) -> [OrderItem] {
        let items: [FileItem]
        do {
            items = try JSONDecoder().decode([FileItem].self, from: Data(json))
        } catch {
            throw CommandFailure(
                .badData, "\(source): \(describe(error))",
                hint: #"a JSON list such as [{"product_id": 1, "quantity": 2, "price": 1990}]"#)
        }
        // Of a name that stands twice the decoder takes one, and does not say which.
        do {
            // A byte order mark, which the decoder passes over.
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            _ = try JSONParser.parse(json.starts(with: mark) ? Array(json.dropFirst(3)) : json)
        } catch {
            throw CommandFailure(.badData, "\(source): \(error.message), at byte \(error.offset)")
        }
        guard !items.isEmpty else { throw CommandFailure(.badData, "\(source): there are no items") }
        for (index, item) in items.enumerated() {
            guard item.product_id > 0, item.quantity > 0, item.price ?? 1 > 0 else {
                throw CommandFailure(.badData, "\(source): item \(index + 1) has a number that is not more than zero")
            }
        }
        return items.map { OrderItem(productID: $0.product_id, quantity: $0.quantity, price: $0.price) }
    }

    private static func describe(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            let item = path.first?.intValue.map { "item \($0 + 1)" } ?? "the list"
            return path.count > 1 ? "\(item), \(path[1].stringValue)" : item
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context): return "\(place(context.codingPath)) lacks '\(key.stringValue)'"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context.codingPath)) has the wrong type"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "\(place(context.codingPath)): \(context.debugDescription)"
        default: return "this is not JSON"
        }
    }
}
