import Events
import FoundationEssentials

/// Body of `try`; the saga's id is the message's correlation id, as in all of them.
struct TryBody<Payload: Codable & Sendable>: Codable, Sendable {
    var schemaVersion = SchemaVersion()
    var payload: Payload
    /// Whom it is for; nil for every participant.
    var to: [String]?

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case payload, to
    }
}

/// Body of `vote`.
struct VoteBody: Codable, Sendable {
    enum Verdict: String, Codable { case accepted, refused }

    var schemaVersion = SchemaVersion()
    var participant: String
    var verdict: Verdict
    var refusal: SagaRefusal?

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case participant, verdict, refusal
    }

    init(participant: String, vote: SagaVote) {
        self.participant = participant
        switch vote {
        case .accepted: verdict = .accepted
        case .refused(let refusal):
            verdict = .refused
            self.refusal = refusal
        }
    }

    var vote: SagaVote {
        get throws(MessageRejection) {
            switch (verdict, refusal) {
            case (.accepted, _): return .accepted
            case (.refused, let refusal?): return .refused(refusal)
            case (.refused, nil): throw MessageRejection(.undecodable, "refusal is missing from a refused vote")
            }
        }
    }
}

/// Body of `confirm` and `cancel`.
struct DecisionBody: Codable, Sendable {
    var schemaVersion = SchemaVersion()
    var refusal: SagaRefusal?
    /// Whom it is for; nil for every participant.
    var to: [String]?

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case refusal, to
    }
}

/// Body of `done`.
struct DoneBody: Codable, Sendable {
    var schemaVersion = SchemaVersion()
    var participant: String
    var decision: SagaDecision

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case participant, decision
    }
}

extension Envelope {
    /// The saga the message belongs to.
    var sagaID: UUID {
        get throws(MessageRejection) {
            guard let correlationID else {
                throw MessageRejection(.undecodable, "a saga message without a correlation_id")
            }
            return correlationID
        }
    }
}
