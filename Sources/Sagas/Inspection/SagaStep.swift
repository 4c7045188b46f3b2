/// A part of a saga that a participant has yet to do, as in `try:customers`.
public struct SagaStep: Sendable, Equatable, CustomStringConvertible {
    /// The request that it has not answered: `try`, `confirm` or `cancel`.
    public var kind: SagaMessageKind
    public var participant: String

    public init(_ kind: SagaMessageKind, of participant: String) {
        self.kind = kind
        self.participant = participant
    }

    public var description: String { "\(kind.rawValue):\(participant)" }
}

/// Steps of a kind, of a participant, or both.
public struct SagaStepFilter: Sendable, Equatable {
    /// Nil for all.
    public var kind: SagaMessageKind?
    /// Nil for all.
    public var participant: String?

    public init(kind: SagaMessageKind?, participant: String?) {
        self.kind = kind
        self.participant = participant
    }

    /// Reads `try`, `customers` or `try:customers`; nil for what is none.
    ///
    /// - Parameter participants: The names that a participant may have.
    public init?(_ text: String, participants: Set<String>) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if let kind = parts.first.flatMap(SagaMessageKind.init), kind.phase != nil {
            self.kind = kind
            parts.removeFirst()
        } else if parts.count != 1 {
            return nil
        }
        guard parts.count <= 1 else { return nil }
        if let name = parts.first {
            guard participants.contains(name) else { return nil }
            participant = name
        }
    }
}

extension SagaMessageKind {
    /// The phase in which it is waited for that participants take such a request; nil for an answer.
    public var phase: SagaState.Phase? {
        switch self {
        case .try: .trying
        case .confirm: .confirming
        case .cancel: .cancelling
        case .vote, .done: nil
        }
    }
}

extension SagaState.Phase {
    /// The request that participants have to answer; nil when all is over.
    public var request: SagaMessageKind? {
        switch self {
        case .trying: .try
        case .confirming: .confirm
        case .cancelling: .cancel
        case .confirmed, .cancelled: nil
        }
    }
}

extension SagaRecord {
    /// The steps that are waited for.
    public var steps: [SagaStep] {
        guard let kind = phase.request else { return [] }
        return waitsFor.map { SagaStep(kind, of: $0) }
    }

    /// The steps that were waited for while it was stuck.
    public var stalledSteps: [SagaStep] {
        guard let stall else { return [] }
        let isCancelled = phase == .cancelling || phase == .cancelled
        let kind: SagaMessageKind = stall.isUndecided ? .try : isCancelled ? .cancel : .confirm
        return stall.waitedFor.map { SagaStep(kind, of: $0) }
    }
}
