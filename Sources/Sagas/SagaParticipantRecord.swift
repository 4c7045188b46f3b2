import Events
import FoundationEssentials

/// A participant's part as the saga's row holds it, in JSON.
struct SagaParticipantRecord: Codable, Sendable, Equatable {
    /// `accepted` or `refused`; nil while there is none.
    var vote: String?
    var refusal: SagaRefusal?
    /// By the database's clock, in ISO 8601.
    var votedAt: String?
    var voteMessage: UUID?
    /// The time when the decision was carried out; nil while it has not been.
    var doneAt: String?
    var doneMessage: UUID?

    private enum CodingKeys: String, CodingKey {
        case vote, refusal
        case votedAt = "voted_at"
        case voteMessage = "vote_message"
        case doneAt = "done_at"
        case doneMessage = "done_message"
    }

    /// The coordinator's knowledge by it.
    var participant: SagaState.Participant {
        get throws(UnknownStoredValue) {
            SagaState.Participant(vote: try SagaVote(stored: vote, refusal), isDone: doneAt != nil)
        }
    }

    /// Takes over what has become of the participant; what was recorded first stays.
    ///
    /// - Parameters:
    ///   - now: The database's time.
    ///   - messages: Those that brought the vote and the report.
    mutating func become(_ participant: SagaState.Participant, at now: String, by messages: (vote: UUID?, done: UUID?))
    {
        vote = participant.vote?.word
        refusal = participant.vote?.refusal
        if vote != nil { votedAt = votedAt ?? now }
        voteMessage = voteMessage ?? messages.vote
        if participant.isDone { doneAt = doneAt ?? now }
        doneMessage = doneMessage ?? messages.done
    }
}

extension [String: SagaParticipantRecord] {
    /// The parts that a row holds.
    init(stored text: String) throws {
        self = try MessageCoding.decode(Self.self, from: [UInt8](text.utf8))
    }

    /// The parts as a row holds them.
    var stored: String {
        get throws { String(decoding: try MessageCoding.encode(self), as: UTF8.self) }
    }
}
