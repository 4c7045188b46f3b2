import Events
import FoundationEssentials
import RabbitMQ

extension MessageLine: Decodable {
    private enum Member: String, CodingKey, CaseIterable {
        case version = "schema_version"
        case service, queue, properties, headers, body
        case base64 = "body_base64"
    }

    private enum Property: String, CodingKey, CaseIterable {
        case messageID = "message_id"
        case type
        case correlationID = "correlation_id"
        case appID = "app_id"
        case timestamp
        case contentType = "content_type"
        case contentEncoding = "content_encoding"
        case replyTo = "reply_to"
        case priority
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseMembers(besides: Member.allCases.map(\.rawValue))
        let line = try decoder.container(keyedBy: Member.self)
        guard try line.decodeIfPresent(Int.self, forKey: .version) ?? 1 == 1 else {
            throw line.fault(.version, "is of a version that this program does not read")
        }
        let name = try line.decode(String.self, forKey: .service)
        guard let service = Topology.shop.services.first(where: { $0.service == name }) else {
            throw line.fault(.service, "is no service: \(ServiceArgument.allValueStrings.joined(separator: ", "))")
        }
        let text = try line.decodeIfPresent(String.self, forKey: .body)
        let base64 = try line.decodeIfPresent(String.self, forKey: .base64)
        guard (text == nil) != (base64 == nil) else {
            throw line.fault(.body, "or body_base64: one of them must be there")
        }
        let data = base64.map { Data(base64Encoded: $0) }
        if case .some(.none) = data { throw line.fault(.base64, "is not base64") }
        self.init(
            service: service,
            properties: try line.contains(.properties)
                ? Self.properties(try line.superDecoder(forKey: .properties)) : MessageProperties(),
            body: text.map { Array($0.utf8) } ?? Array(data.flatMap(\.self) ?? Data()))
        let headers = try line.decodeIfPresent([String: Header].self, forKey: .headers) ?? [:]
        properties.headers = headers.mapValues(\.value)
    }

    private static func properties(_ decoder: any Decoder) throws -> MessageProperties {
        try decoder.refuseMembers(besides: Property.allCases.map(\.rawValue))
        let members = try decoder.container(keyedBy: Property.self)
        func text(_ key: Property) throws -> String? { try members.decodeIfPresent(String.self, forKey: key) }
        return MessageProperties(
            contentType: try text(.contentType), contentEncoding: try text(.contentEncoding),
            messageID: try text(.messageID), correlationID: try text(.correlationID), type: try text(.type),
            appID: try text(.appID), replyTo: try text(.replyTo),
            timestamp: try text(.timestamp).map { text in
                guard let date = Header.date(text) else {
                    throw members.fault(.timestamp, "is no time such as 2026-11-26T14:00:00Z")
                }
                return date
            },
            priority: try members.decodeIfPresent(Int.self, forKey: .priority).map { number in
                guard let priority = UInt8(exactly: number) else {
                    throw members.fault(.priority, "is no number from 0 to 255")
                }
                return priority
            })
    }

    /// A header's value.
    private struct Header: Decodable {
        private enum Kind: String, CodingKey, CaseIterable {
            case double, timestamp, bytes, table, array
        }

        let value: HeaderValue

        static func date(_ text: String) -> Date? {
            (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
                ?? (try? Date(text, strategy: Date.ISO8601FormatStyle()))
        }

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                value = .null
            } else if let flag = try? single.decode(Bool.self) {
                value = .bool(flag)
            } else if let number = try? single.decode(Int64.self) {
                value = .int(number)
            } else if let text = try? single.decode(String.self) {
                value = .string(text)
            } else {
                value = try Self.tagged(decoder)
            }
        }

        /// A value of a kind that JSON does not have.
        private static func tagged(_ decoder: any Decoder) throws -> HeaderValue {
            let kinds = Kind.allCases.map(\.rawValue)
            try decoder.refuseMembers(besides: kinds)
            let members = try decoder.container(keyedBy: Kind.self)
            guard members.allKeys.count == 1, let kind = members.allKeys.first else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "must have one of \(kinds)"))
            }
            switch kind {
            case .double:
                let text = try members.decode(String.self, forKey: kind)
                guard let number = Double(text) else { throw members.fault(kind, "is no number") }
                return .double(number)
            case .timestamp:
                let text = try members.decode(String.self, forKey: kind)
                guard let date = date(text) else { throw members.fault(kind, "is no time") }
                return .timestamp(date)
            case .bytes:
                let text = try members.decode(String.self, forKey: kind)
                guard let data = Data(base64Encoded: text) else { throw members.fault(kind, "is not base64") }
                return .bytes(Array(data))
            case .table: return .table(try members.decode([String: Header].self, forKey: kind).mapValues(\.value))
            case .array: return .array(try members.decode([Header].self, forKey: kind).map(\.value))
            }
        }
    }
}

/// A member of any name.
private struct AnyMember: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// - Throws: `DecodingError` that names a member which is none of those.
    fileprivate func refuseMembers(besides known: [String]) throws {
        let members = try container(keyedBy: AnyMember.self)
        guard let other = members.allKeys.first(where: { !known.contains($0.stringValue) }) else { return }
        throw members.fault(other, "is not known")
    }
}

extension KeyedDecodingContainer {
    fileprivate func fault(_ key: Key, _ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath + [key], debugDescription: text))
    }
}
