public import Events
public import FoundationEssentials
public import Postgres

/// The proof of what a participant has done in a saga, from its own rows, where its record of that is lost.
public struct LostPartProof: Sendable, Equatable {
    /// The time when its `try` was done.
    public var triedAt: Date
    /// Whether the part is final; if not, all that the `try` did is there, and nothing else came of it.
    public var isFinal: Bool
    /// The time when it was made final; nil where the rows do not tell it.
    public var finalAt: Date?

    public init(triedAt: Date, isFinal: Bool, finalAt: Date? = nil) {
        self.triedAt = triedAt
        self.isFinal = isFinal
        self.finalAt = finalAt
    }
}

/// A participant whose own rows prove what it has done.
public protocol ProvableParticipant: SagaParticipant {
    /// The proof of a branch that was accepted in a saga that is confirmed; nil where the rows are not just what comes
    /// of that.
    func proof(of branch: SagaBranch<Payload>, in database: any PostgresExecutor) async throws -> LostPartProof?
}

/// Makes parts of confirmed sagas final whose records are lost, where the participant's rows prove what they did.
public protocol LostPartRecovery: Sendable {
    /// The proof of the part; nil where there is none.
    func proof(of id: UUID, payload: [UInt8], in database: any PostgresExecutor) async throws -> LostPartProof?

    /// Records the part anew, with the times that are proven, in the caller's transaction; one that is not final is made
    /// so as by a `confirm`. The saga must be decided so, and the participant have accepted.
    ///
    /// - Parameter reportedAt: When the coordinator took the participant's report; nil if it has not.
    /// - Returns: Whether it is done; not where there is a record, or where nothing is proven.
    func recover(_ id: UUID, payload: [UInt8], reportedAt: Date?, in work: UnitOfWork) async throws -> Bool
}

extension ParticipantHandler: LostPartRecovery where Participant: ProvableParticipant {
    public func proof(
        of id: UUID, payload: [UInt8], in database: any PostgresExecutor
    ) async throws -> LostPartProof? {
        try await participant.proof(of: branch(id, payload), in: database)
    }

    public func recover(
        _ id: UUID, payload: [UInt8], reportedAt: Date?, in work: UnitOfWork
    ) async throws -> Bool {
        guard try await store.load(creating: [], all: [id], in: work).isEmpty else { return false }
        let branch = try branch(id, payload)
        var locked = try await participant.lock(trying: [], settling: [branch], in: work)
        guard let proof = try await participant.proof(of: branch, in: work.transaction) else { return false }
        if !proof.isFinal { try await participant.confirmAll([branch], locked: &locked, in: work) }
        try store.restore(
            id, payload: payload, triedAt: proof.triedAt, finalAt: proof.isFinal ? proof.finalAt ?? reportedAt : nil,
            in: work)
        return true
    }

    private func branch(_ id: UUID, _ payload: [UInt8]) throws -> SagaBranch<Participant.Payload> {
        SagaBranch(sagaID: id, payload: try MessageCoding.decode(Participant.Payload.self, from: payload))
    }
}
