public import Events
public import FoundationEssentials
public import Postgres

/// A participant whose own rows prove what a `try` of its has done.
public protocol ProvableParticipant: SagaParticipant {
    /// Whether all that the branch's `try` did is there, and nothing else came of it.
    func holds(_ branch: SagaBranch<Payload>, in database: any PostgresExecutor) async throws -> Bool
}

/// Makes parts of confirmed sagas final whose records are lost, where the participant's rows prove what they did.
public protocol LostPartRecovery: Sendable {
    /// Whether there is anything to make final, and it is all there.
    func isProven(_ id: UUID, payload: [UInt8], in database: any PostgresExecutor) async throws -> Bool

    /// Makes the part final as a `confirm` would, and records it anew, in the caller's transaction. The saga must be
    /// decided so, and the participant have accepted.
    ///
    /// - Returns: Whether it is done; not where there is a record, or where nothing is proven.
    func confirm(_ id: UUID, payload: [UInt8], in work: UnitOfWork) async throws -> Bool
}

extension ParticipantHandler: LostPartRecovery where Participant: ProvableParticipant {
    public func isProven(_ id: UUID, payload: [UInt8], in database: any PostgresExecutor) async throws -> Bool {
        try await participant.holds(branch(id, payload), in: database)
    }

    public func confirm(_ id: UUID, payload: [UInt8], in work: UnitOfWork) async throws -> Bool {
        guard try await store.load(creating: [], all: [id], in: work).isEmpty else { return false }
        let branch = try branch(id, payload)
        var locked = try await participant.lock(trying: [], settling: [branch], in: work)
        guard try await participant.holds(branch, in: work.transaction) else { return false }
        try await participant.confirmAll([branch], locked: &locked, in: work)
        try store.save(
            [(id: id, row: BranchStore.Row(state: .confirmed, payload: payload, isRecorded: false))], in: work)
        return true
    }

    private func branch(_ id: UUID, _ payload: [UInt8]) throws -> SagaBranch<Participant.Payload> {
        SagaBranch(sagaID: id, payload: try MessageCoding.decode(Participant.Payload.self, from: payload))
    }
}
