import Events

extension ManagementInterface {
    /// A queue, as the interface tells of it. A queue that was just declared has no figures yet.
    struct Queue: Decodable, Sendable {
        private enum CodingKeys: String, CodingKey {
            case name, consumers, policy
            case ready = "messages_ready"
            case unacknowledged = "messages_unacknowledged"
            case operatorPolicy = "operator_policy"
            case definition = "effective_policy_definition"
            case statistics = "message_stats"
        }

        let viewed: ViewedQueue

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            // No policy is an empty list, in some versions; and a name that nobody has set is an empty one, in others.
            let definition = (try? values.decode([String: Value].self, forKey: .definition)) ?? [:]
            func name(_ key: CodingKeys) throws -> String? {
                try values.decodeIfPresent(String.self, forKey: key).flatMap { $0.isEmpty ? nil : $0 }
            }
            viewed = ViewedQueue(
                name: try values.decode(String.self, forKey: .name),
                ready: try values.decodeIfPresent(Int.self, forKey: .ready),
                unacknowledged: try values.decodeIfPresent(Int.self, forKey: .unacknowledged),
                consumers: try values.decodeIfPresent(Int.self, forKey: .consumers),
                policy: try name(.policy), operatorPolicy: try name(.operatorPolicy),
                definition: definition.compactMapValues(\.policyValue),
                // None is an empty list, in some versions.
                rates: (try? values.decode(Statistics.self, forKey: .statistics))?.rates)
        }
    }

    /// The messages that have gone through a queue of late.
    private struct Statistics: Decodable, Sendable {
        private enum CodingKeys: String, CodingKey {
            case published = "publish_details"
            case delivered = "deliver_get_details"
            case acknowledged = "ack_details"
        }

        private struct Rate: Decodable {
            let rate: Double
        }

        let rates: ViewedQueue.Rates

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            func rate(_ key: CodingKeys) throws -> Double {
                try values.decodeIfPresent(Rate.self, forKey: key)?.rate ?? 0
            }
            rates = ViewedQueue.Rates(
                published: try rate(.published), delivered: try rate(.delivered),
                acknowledged: try rate(.acknowledged))
        }
    }

    /// A binding, as the interface tells of it.
    struct Binding: Decodable, Sendable {
        private enum CodingKeys: String, CodingKey {
            case source, destination, arguments
            case kind = "destination_type"
            case routingKey = "routing_key"
        }

        /// Nil for a binding between exchanges.
        let viewed: ViewedBinding?

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let arguments = try? values.decode([String: Value].self, forKey: .arguments)
            guard try values.decode(String.self, forKey: .kind) == "queue" else {
                viewed = nil
                return
            }
            viewed = ViewedBinding(
                exchange: try values.decode(String.self, forKey: .source),
                queue: try values.decode(String.self, forKey: .destination),
                routingKey: try values.decode(String.self, forKey: .routingKey),
                hasArguments: arguments.map { !$0.isEmpty } ?? false)
        }
    }

    /// A value of any kind, of which only numbers and texts are of use.
    private struct Value: Decodable, Sendable {
        let policyValue: PolicyValue?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Int64.self) {
                policyValue = .number(number)
            } else if let text = try? value.decode(String.self) {
                policyValue = .text(text)
            } else {
                policyValue = nil
            }
        }
    }
}
