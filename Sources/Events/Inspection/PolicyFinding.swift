import RabbitMQ

/// A setting of a policy under which messages of a queue are lost, or become dead letters without having failed.
///
/// A queue's own arguments go before a policy, but for limits: of two the lower one holds. A queue that
/// dead-letters loses nothing by a limit; the shop's have `reject-publish`, so that a full one drops nothing either and
/// what it refuses waits in the outboxes.
public struct PolicyFinding: Sendable, Equatable {
    public let queue: String
    /// The policy that applies; nil for none.
    public let policy: String?
    /// The operator policy that applies; nil for none. Of both, what is in force does not tell which one sets it.
    public let operatorPolicy: String?
    /// As in `delivery-limit`.
    public let setting: String
    public let value: PolicyValue
    /// Whether messages are gone, and not only moved.
    public let loses: Bool

    /// The findings about the policies that apply to a queue.
    static func all(of viewed: ViewedQueue, declared: QueueDefinition) -> [PolicyFinding] {
        viewed.definition.sorted { $0.key < $1.key }.compactMap { setting, value in
            guard let loses = effect(of: setting, value, declared) else { return nil }
            return PolicyFinding(
                queue: viewed.name, policy: viewed.policy, operatorPolicy: viewed.operatorPolicy, setting: setting,
                value: value, loses: loses)
        }
    }

    /// Whether a setting loses messages (true), moves them without need (false), or does nothing of the kind (nil).
    private static func effect(of setting: String, _ value: PolicyValue, _ queue: QueueDefinition) -> Bool? {
        let moves = queue.arguments["x-dead-letter-exchange"] != nil
        switch setting {
        // Of a queue that goes nothing is dead-lettered.
        case "expires": return true
        case "message-ttl":
            // One that waits in a retry queue comes back, only sooner.
            return queue.arguments["x-message-ttl"] != nil ? nil : !moves
        case "delivery-limit":
            guard let own = queue.arguments["x-delivery-limit"], case .int(let limit) = own else { return nil }
            guard case .number(let number) = value, number < limit else { return nil }
            return !moves
        default: return nil
        }
    }
}

extension PolicyFinding: CustomStringConvertible {
    public var description: String {
        let what =
            switch (setting, loses) {
            case ("expires", _): "deletes the queue, with all that is in it, when nobody has used it for \(value) ms"
            case ("message-ttl", true): "drops a dead letter after \(value) ms"
            case ("message-ttl", false): "makes a dead letter of what waits for longer than \(value) ms"
            case (_, true): "drops a dead letter that was returned \(value) times"
            case (_, false): "makes a dead letter of what was returned \(value) times, whatever ended its consumers"
            }
        let names = [policy.map { "the policy '\($0)'" }, operatorPolicy.map { "the operator policy '\($0)'" }]
        return "\(names.compactMap(\.self).joined(separator: " or ")) (\(setting): \(value)) \(what): "
            + "have it removed from RabbitMQ, or \(setting) from it"
    }
}
