import FoundationEssentials
import Hosting
import Postgres
import Sagas

extension SagaSources {
    /// A participant's own records of its parts in sagas of one coordinator; a saga of which it has none is left out.
    ///
    /// - Throws: ``CommandFailure`` if its database is not set: then nobody has tried to ask it.
    func evidence(
        of sagas: [SagaRecord], _ participant: String, _ reader: SagaReader, _ context: CommandContext
    ) async throws -> [UUID: SagaResolution.Evidence] {
        let unknown = Dictionary(uniqueKeysWithValues: sagas.map { ($0.id, SagaResolution.Evidence.unknown) })
        guard let role = Role(rawValue: participant) else { return unknown }
        let roles = Set([role, Role(rawValue: reader.coordinator)].compactMap { $0 })
        let settings: PostgresConfiguration
        do {
            settings = try configuration.database(of: role, among: roles)
        } catch {
            let told = Diagnosis(error)
            throw CommandFailure(told.status, told.message, hint: told.hint, code: told.code)
        }
        do {
            return try await Self.withClient(settings) { client in
                var found: [UUID: SagaResolution.Evidence] = [:]
                for saga in sagas {
                    let branch = try await SagaReader.branch(of: saga.id, participant: participant, in: client)
                    found[saga.id] = branch.map { .recorded($0.state) }
                }
                return found
            }
        } catch let error as PostgresError {
            context.warn("not asked: \(participant): \(Self.reason(error)): there is no evidence of its part")
            return unknown
        }
    }
}
