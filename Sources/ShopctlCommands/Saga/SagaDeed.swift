import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

/// Something that an operator does to sagas: to each in a transaction of its own, with its lines in the saga's timeline
/// and in the audit trail.
struct SagaDeed: Sendable {
    /// As in `cancel`.
    let name: String
    /// The deed in words, for the timeline.
    let text: String
    /// Nil where none was given.
    let reason: String?
    /// Whether all is done, and then taken back.
    var isDryRun = false
    /// The admin who does it by the console; nil for an operator's command.
    var admin: Identity?
    /// Does it; false if the saga's state does not allow it.
    let body: @Sendable (SagaRecord, SagaControl, UnitOfWork) async throws -> Bool

    private enum End: Error {
        case refused
        case dryRun
    }

    /// - Returns: Whether it is done, or would be.
    func perform(on saga: SagaRecord, _ control: SagaControl) async throws -> Bool {
        do {
            try await control.transactor.run { work in
                guard try await body(saga, control, work) else { throw End.refused }
                try await note(saga, in: work.transaction)
                if isDryRun { throw End.dryRun }
            }
            return true
        } catch End.refused {
            return false
        } catch End.dryRun {
            return true
        }
    }

    private func note(_ saga: SagaRecord, in transaction: PostgresTransaction) async throws {
        // What follows from the deed has times of its own, later ones.
        try await transaction.query(
            """
            INSERT INTO saga_log (saga_id, at, event, detail)
            VALUES (\(saga.id), now(), \("operator_\(name)"), \(text + (reason.map { ": \($0)" } ?? "")))
            """)
        // Whose order it is, or whose product.
        let owner = try await transaction.query(
            """
            SELECT coalesce((payload ->> 'buyer_id')::bigint, (payload ->> 'seller_id')::bigint, 0)
            FROM sagas WHERE id = \(saga.id)
            """
        ).decode((Int64).self).first
        try await AuditTrail.noteOperator(
            "saga.\(name) \(saga.id.uuidString.lowercased())", because: reason, userID: owner ?? 0,
            subjectID: saga.subjectID, by: admin, in: transaction)
    }
}

extension SagaDeed {
    /// Has a coordinator ask again, now.
    static func retry(reason: String?, isDryRun: Bool = false, by admin: Identity? = nil) -> SagaDeed {
        SagaDeed(
            name: "retry", text: "\(admin == nil ? "an operator" : "an admin") asked for another attempt",
            reason: reason,
            isDryRun: isDryRun, admin: admin
        ) { saga, _, work in
            try await SagaReader.retry(saga.id, in: work.transaction)
        }
    }

    /// The refusal where a saga is over.
    static func nothingToRetry(_ saga: SagaRecord) -> CommandFailure {
        CommandFailure(
            .badData, "the saga is over: there is nothing to retry", code: .sagaOver,
            object: saga.id.uuidString.lowercased())
    }
}

extension SagaSources {
    /// The result of a deed.
    struct DeedOutcome: Sendable {
        var sagas: [(saga: SagaRecord, isDone: Bool)] = []
        /// The number of those that a query chooses, without its limit.
        var total: Int64 = 0
        /// Whether all databases that are set have answered.
        var isComplete = true
        /// The failure that ended it before its end.
        var failure: (any Error)?
    }

    /// Does something to one saga.
    func perform(
        _ deed: SagaDeed, on subject: SagaCommand.SagaArgument, _ context: CommandContext
    ) async throws -> (saga: SagaRecord, isDone: Bool) {
        try await find(subject, context) { id, reader in
            guard let saga = try await reader.saga(id) else {
                throw CommandFailure(.notFound, subject.notFound, code: .sagaMissing)
            }
            let isDone = try await controlling(reader) { try await deed.perform(on: saga, $0) }
            // As it stands where it stood in the way.
            return (isDone ? saga : try await reader.saga(id) ?? saga, isDone)
        }
    }

    /// Does something to all sagas that are selected, the oldest first.
    ///
    /// - Parameter limit: The most; nil for all.
    /// - Throws: What happens before anything is done.
    func perform(
        _ deed: SagaDeed, on selection: SagaSelection, _ coordinators: [Role], limit: Int?, _ context: CommandContext
    ) async throws -> DeedOutcome {
        let found = try await page(of: selection, coordinators, limit: limit, context)
        var outcome = DeedOutcome(total: found.total, isComplete: found.isComplete)
        do {
            try await controlling(found.sagas) { sagas, control, _ in
                for saga in sagas { outcome.sagas.append((saga, try await deed.perform(on: saga, control))) }
            }
        } catch  where !outcome.sagas.isEmpty {
            outcome.failure = error
        }
        return outcome
    }

    /// Lends the coordinators of sagas, for those of each service in turn.
    func controlling(
        _ sagas: [SagaRecord], _ body: ([SagaRecord], SagaControl, SagaReader) async throws -> Void
    ) async throws {
        for role in Self.coordinators {
            let own = sagas.filter { $0.subject?.kind.coordinator == role.rawValue }
            guard !own.isEmpty else { continue }
            try await reading(role) { reader, _ in
                try await controlling(reader) { control in try await body(own, control, reader) }
            }
        }
    }

    /// Lends the coordinators of a service's sagas.
    func controlling<Result: Sendable>(
        _ reader: SagaReader, _ body: (SagaControl) async throws -> Result
    ) async throws -> Result {
        let control = try SagaControl(reader, configuration)
        do {
            let result = try await body(control)
            await control.close()
            return result
        } catch {
            await control.close()
            throw error
        }
    }
}
