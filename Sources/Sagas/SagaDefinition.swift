/// A saga by name: who coordinates it and who takes part.
public struct SagaDefinition: Sendable, Equatable {
    /// As in `order-placement`; part of its messages' types.
    public let name: String
    /// The service that owns the saga's row and decides.
    public let coordinator: String
    /// The services that must all accept. Stored with each saga when it starts.
    public let participants: [String]

    public init(name: String, coordinator: String, participants: [String]) {
        self.name = name
        self.coordinator = coordinator
        self.participants = participants
    }

    /// The type, and routing key, of one of the saga's messages.
    public func type(_ kind: SagaMessageKind) -> String { "saga.\(name).\(kind.rawValue)" }

    /// The types that the coordinator's inbox must be bound to.
    public var coordinatorBindings: [String] { [type(.vote), type(.done)] }
    /// The types that a participant's inbox must be bound to.
    public var participantBindings: [String] { [type(.try), type(.confirm), type(.cancel)] }
}

/// The five messages of every saga.
public enum SagaMessageKind: String, Sendable, CaseIterable {
    /// Coordinator to participants: do your part, reversibly.
    case `try`
    /// Participant to coordinator: done, or refused and why.
    case vote
    /// Coordinator to participants: make it final.
    case confirm
    /// Coordinator to participants: take it back.
    case cancel
    /// Participant to coordinator: the decision is carried out.
    case done
}
