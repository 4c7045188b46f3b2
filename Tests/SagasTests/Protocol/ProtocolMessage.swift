@testable import Sagas

/// A message of one saga with two participants, as the network knows it.
enum ProtocolMessage: Hashable {
    case step(SagaMessageKind, to: Int)
    case vote(of: Int, SagaVote)
    case done(by: Int, SagaDecision)

    static let refusal = SagaRefusal(code: "no", message: "no")

    /// Everything that may be said.
    static let all: [Self] = (0..<2).flatMap { name -> [Self] in
        [.try, .confirm, .cancel].map { .step($0, to: name) }
            + [.accepted, .refused(refusal), .refused(.cancelledBeforeTry)].map { .vote(of: name, $0) }
            + [.confirm, .cancel].map { .done(by: name, $0) }
    }

    /// The place of each in `all`.
    static let index = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })

    /// Who takes it: a participant's number, or 2 for the coordinator.
    var node: Int {
        if case .step(_, let participant) = self { participant } else { 2 }
    }
}

/// A set of messages.
struct ProtocolMessages: Hashable, Sequence {
    private var bits: UInt32 = 0

    init(_ messages: [ProtocolMessage] = []) { insert(messages) }

    var isEmpty: Bool { bits == 0 }

    func contains(_ message: ProtocolMessage) -> Bool { bits & Self.bit(message) != 0 }

    mutating func insert(_ messages: [ProtocolMessage]) { for message in messages { bits |= Self.bit(message) } }

    mutating func remove(_ message: ProtocolMessage) { bits &= ~Self.bit(message) }

    func makeIterator() -> AnyIterator<ProtocolMessage> {
        var left = bits
        return AnyIterator {
            guard left != 0 else { return nil }
            defer { left &= left - 1 }
            return ProtocolMessage.all[left.trailingZeroBitCount]
        }
    }

    private static func bit(_ message: ProtocolMessage) -> UInt32 { 1 << UInt32(ProtocolMessage.index[message]!) }
}
