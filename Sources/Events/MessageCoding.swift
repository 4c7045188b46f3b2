import FoundationEssentials
import Telemetry

/// The JSON of message bodies; keys are sorted so that equal values are equal bytes.
///
/// Bodies name their keys in snake_case by `CodingKeys`: a conversion would turn `saga_id` into `sagaId`.
public enum MessageCoding {
    /// Encodes a value as UTF-8 JSON.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Decodes UTF-8 JSON.
    ///
    /// - Throws: ``MessageRejection`` of class `undecodable` for text, names of members too, that could not be compared in
    ///   good time (``StreamSafeText``); `DecodingError`.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        guard StreamSafeText.holds(json: bytes) else {
            throw MessageRejection(
                .undecodable, "a letter in a text has more than \(StreamSafeText.limit) combining marks")
        }
        return try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// A one-line account of a decoding error, without the body's values.
    public static func describe(_ error: any Error) -> String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.isEmpty ? "the body" : keys.map(\.stringValue).joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            return "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context):
            return "\(path(context.codingPath)) is not of type \(type)"
        case .valueNotFound(_, let context):
            return "\(path(context.codingPath)) is null"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "not JSON" : "\(path(context.codingPath)) is malformed"
        default:
            return "cannot be decoded"
        }
    }
}
