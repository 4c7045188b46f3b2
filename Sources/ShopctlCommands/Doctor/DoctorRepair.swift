import Events
import FoundationEssentials
import Hosting
import Logging
import Migrator
import Postgres
import Sagas

/// Mends what can be mended without a doubt, each deed after its line in the audit trail of the role that it is about.
struct DoctorRepair: Sendable {
    let configuration: ShopConfiguration
    let isDryRun: Bool
    /// Nil where nobody said.
    let reason: String?
    /// How far back settled things are compared, in seconds.
    let window: Double

    /// Mends the findings that have a remedy.
    ///
    /// - Returns: Those that were mended, or would be.
    func run(_ findings: [DoctorFinding]) async throws -> [DoctorFinding] {
        let curable = findings.filter { $0.remedy != nil }
        for name in Set(curable.compactMap { $0.remedy?.role }).sorted() {
            // In a dry run too, and of all before anything is done.
            try await withDatabase(of: name) { try await AuditTrail.checkWritable(of: name, in: $0) }
        }
        guard !isDryRun else { return curable }
        try await declare(curable)
        for finding in curable {
            switch finding.remedy {
            case .releaseClaims(let role)?:
                try await noted("doctor.fix release outbox claims", role) { transaction in
                    try await transaction.query(
                        """
                        UPDATE outbox SET claimed_until = NULL
                        WHERE published_at IS NULL AND claimed_until > now() + interval '1 minute'
                        """)
                }
            case .recoverParts(let role, let coordinator)?:
                try await withDatabase(of: coordinator) { sagas in
                    try await withDatabase(of: role) { try await recoverParts(of: role, sagas, $0) }
                }
            case .declare?, nil: continue
            }
        }
        return curable
    }

    /// Declares what is missing at the broker. What went past it is a finding until it was sent again.
    private func declare(_ curable: [DoctorFinding]) async throws {
        var isMissing = false
        var losses: [(role: String, loss: BindingLoss)] = []
        for finding in curable {
            guard case .declare(let role, let what, let lost)? = finding.remedy else { continue }
            try await noted("doctor.fix declare \(what)", role) { _ in }
            isMissing = true
            losses += lost.map { (role, $0) }
        }
        guard isMissing else { return }
        let broker = try configuration.broker(name: "shopctl-doctor")
        try await LostEvents.note(losses, by: { try await noted($0, $1) { _ in } }) {
            _ = try await TopologyMigrator(configuration: broker, logger: .command("doctor")).declare(.shop)
        }
    }

    /// Records a participant's lost parts anew that are proven, and makes them final, each in a transaction with its
    /// line in the audit trail.
    private func recoverParts(of name: String, _ sagas: PostgresClient, _ branches: PostgresClient) async throws {
        guard let role = Role(rawValue: name) else { return }
        let transactor = Transactor(database: branches, outboxWake: Wake())
        for part in try await LostPart.find(of: role, sagas: sagas, branches: branches, window: window) {
            guard let recovery = part.recovery else { continue }
            try await transactor.run { work in
                guard
                    try await recovery.recover(
                        part.saga, payload: part.payload, reportedAt: part.reportedAt, in: work)
                else { return }
                try await AuditTrail.noteOperator(
                    part.action, because: reason, userID: part.userID, subjectID: part.subjectID,
                    in: work.transaction)
            }
        }
    }

    /// Notes a deed of nobody's account in a role's audit trail, and does what belongs to the same transaction.
    private func noted(
        _ action: String, _ name: String, _ body: @Sendable (PostgresTransaction) async throws -> Void
    ) async throws {
        try await withDatabase(of: name) { client in
            try await client.transaction { transaction in
                try await AuditTrail.noteOperator(
                    action, because: reason, userID: 0, subjectID: 0, in: transaction)
                try await body(transaction)
            }
        }
    }

    private func withDatabase(of name: String, _ body: (PostgresClient) async throws -> Void) async throws {
        try await LocatedError.about("database of \(name)") { try await configuration.withDatabase(of: name, body) }
    }
}
