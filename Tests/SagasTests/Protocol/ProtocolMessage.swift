@testable import Sagas

/// A message of one saga with two participants, as the network knows it.
enum ProtocolMessage: Hashable, CustomStringConvertible {
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

    /// The number of the node that takes it: a participant's, or 2 for the coordinator.
    var node: Int {
        if case .step(_, let participant) = self { participant } else { 2 }
    }

    var description: String {
        switch self {
        case .step(let kind, let participant): "\(kind.rawValue) to \(ProtocolSaga.names[participant])"
        case .vote(let participant, let vote):
            "vote of \(ProtocolSaga.names[participant]): \(vote.refusal?.code ?? "accepted")"
        case .done(let participant, let decision): "\(ProtocolSaga.names[participant]) done: \(decision.rawValue)"
        }
    }

    /// The participant that it asks for a vote.
    var asked: Int? {
        if case .step(.try, let participant) = self { participant } else { nil }
    }
}

/// A set of messages.
struct ProtocolMessages: Hashable {
    /// A bit for each, by its place in `ProtocolMessage.all`.
    private(set) var bits: UInt16 = 0

    init(_ messages: [ProtocolMessage] = []) {
        for message in messages { bits |= 1 << UInt16(ProtocolMessage.index[message]!) }
    }

    /// The two that a saga begins with.
    static let tries = Self([.step(.try, to: 0), .step(.try, to: 1)])

    /// The messages of each kind.
    static let kinds = [
        tries, Self([.step(.confirm, to: 0), .step(.confirm, to: 1)]),
        Self([.step(.cancel, to: 0), .step(.cancel, to: 1)]),
        Self(ProtocolMessage.all.filter { if case .vote = $0 { true } else { false } }),
        Self(ProtocolMessage.all.filter { if case .done = $0 { true } else { false } }),
    ]

    var isEmpty: Bool { bits == 0 }

    func contains(_ others: Self) -> Bool { others.bits & ~bits == 0 }

    mutating func insert(_ others: Self) { bits |= others.bits }

    mutating func remove(_ others: Self) { bits &= ~others.bits }

    func common(with others: Self) -> Self {
        var common = self
        common.bits &= others.bits
        return common
    }
}
