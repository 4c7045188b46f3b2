import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

/// Sagas whose record at their coordinator is lost.
extension SagaSources {
    /// A participant's record of its part in a saga that its coordinator does not know.
    private struct OrphanedPart: Sendable {
        let participant: String
        let saga: String
        let state: String
        let createdAt: Date
        let order: Int64?
        /// Whether its saga cannot have been forgotten yet: sagas are kept for seven days at least, open ones for ever.
        let isYoung: Bool
    }

    /// The failure where no coordinator knows a saga: with the records of those that take part in it, if any has one.
    func missing(_ subject: SagaCommand.SagaArgument) async -> CommandFailure {
        let unknown = CommandFailure(.notFound, subject.notFound, code: .sagaMissing)
        let id: UUID?
        switch subject {
        case .saga(let saga): id = saga
        case .beginning: id = nil
        case .about(let about):
            id = about.kind == .order ? try? await placement(of: about.id) : nil
        }
        guard let id else { return unknown }
        let (parts, unasked) = await parts(of: id)
        guard parts.contains(where: \.isYoung), let name = parts.first?.saga else { return unknown }
        let coordinator = SagaDefinition.all.first { $0.name == name }?.coordinator ?? "its coordinator"
        let order = parts.lazy.compactMap(\.order).first
        return CommandFailure(
            .notFound, "\(coordinator) has lost its record of this saga: only those that take part in it tell of it",
            hint: order.map { "shopctl order story \($0)" } ?? "shopctl doctor", code: .sagaMissing,
            object: "\(name) \(id.uuidString.lowercased())",
            causes: parts.map { part in
                "its own record at \(part.participant): \(part.state), since \(Timestamp.text(part.createdAt))"
            } + unasked)
    }

    /// The saga that placed an order; nil if there is no such order.
    private func placement(of order: Int64) async throws -> UUID? {
        try await reading(.orders) { _, database in
            try await database.query("SELECT saga_id FROM orders WHERE id = \(order)").decode((UUID).self).first
        }
    }

    private func parts(of id: UUID) async -> (parts: [OrphanedPart], unasked: [String]) {
        let names = Set(SagaDefinition.all.flatMap(\.participants))
        var (parts, unasked): ([OrphanedPart], [String]) = ([], [])
        for role in Role.allCases where names.contains(role.rawValue) {
            do {
                let settings = try configuration.database(
                    of: role, among: Set(Role.allCases), connectTimeout: .seconds(2))
                parts += try await Self.withClient(settings) { try await Self.parts(of: id, in: $0) }
            } catch {
                unasked.append("not asked: \(role.rawValue): \(Self.reason(error))")
            }
        }
        return (parts, unasked)
    }

    private static func parts(of id: UUID, in database: PostgresClient) async throws -> [OrphanedPart] {
        try await database.query(
            """
            SELECT participant, saga_name, state, created_at, (payload ->> 'order_id')::bigint,
                state IN ('undecided', 'tried') OR created_at > now() - interval '7 days'
            FROM saga_branches WHERE saga_id = \(id) ORDER BY participant
            """
        ).decode((String, String, String, Date, Int64?, Bool).self).map {
            OrphanedPart(participant: $0, saga: $1, state: $2, createdAt: $3, order: $4, isYoung: $5)
        }
    }
}
