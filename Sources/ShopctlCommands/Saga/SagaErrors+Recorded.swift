import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension SagaSources {
    /// Adds what kept the messages of those sagas that were stuck and went on, as their services have recorded it. A
    /// service that cannot be asked is noted.
    ///
    /// - Returns: Whether all databases that are set have answered.
    func addRecorded(of sagas: [SagaRecord], to errors: inout SagaErrors, _ context: CommandContext) async -> Bool {
        let parts = sagas.filter { $0.stall != nil }.compactMap { saga in
            SagaDefinition.all.first { $0.name == saga.name }.map { (id: saga.id, definition: $0) }
        }
        var isComplete = true
        for role in Role.allCases {
            let own = parts.filter { $0.definition.participants.contains(role.rawValue) }.map(\.id)
            let led = parts.filter { $0.definition.coordinator == role.rawValue }.map(\.id)
            if own.isEmpty, led.isEmpty { continue }
            do {
                for (id, failures) in try await recorded(role, own: own, led: led) {
                    for failure in failures { errors.add(.init(failure), of: id) }
                }
            } catch {
                note(role, error, context)
                if !(error is ConfigurationError) { isComplete = false }
            }
        }
        return isComplete
    }

    private func recorded(_ role: Role, own: [UUID], led: [UUID]) async throws -> [UUID: [SagaFacts.Failure]] {
        let settings = try configuration.database(of: role, among: role == .orders ? [role] : [.orders, role])
        return try await Self.withClient(settings) { client in
            var found: [UUID: [SagaFacts.Failure]] = [:]
            if !own.isEmpty {
                found = try await SagaReader.failures(of: own, participant: role.rawValue, in: client)
            }
            if !led.isEmpty {
                found.merge(try await SagaReader.failures(of: led, coordinator: role.rawValue, in: client)) { $0 + $1 }
            }
            return found
        }
    }
}

extension SagaErrors.Failure {
    /// A failure as a service has recorded it.
    fileprivate init(_ failure: SagaFacts.Failure) {
        self.init(
            text: failure.error ?? "an older program has not told why", at: failure.lastAt ?? failure.handledAt,
            service: failure.service, message: failure.kind.rawValue)
    }
}
