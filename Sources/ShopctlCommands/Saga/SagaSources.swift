import Events
import FoundationEssentials
import Hosting
import Logging
import Postgres
import RabbitMQ
import Sagas

/// Everywhere that something is recorded of sagas.
struct SagaSources: Sendable {
    /// The services that coordinate sagas.
    static let coordinators: [Role] = [.orders, .products]

    /// The most dead letters of one service that are looked through for a saga's own.
    private static let deadLetterLimit = 1000
    /// The most messages of one retry queue that are.
    private static let retryLimit = 1000

    let configuration: ShopConfiguration
    /// The processes whose checks tell why a service cannot do its part; nil for none.
    var watched: StatusSources?

    /// Finds a saga at whoever coordinates it, and lends a reader of that database. What could not be asked before it
    /// was found is noted.
    ///
    /// - Throws: ``CommandFailure`` if there is no such saga; if a database that may have it does not answer, that.
    func find<Result: Sendable>(
        _ subject: SagaCommand.SagaArgument, _ context: CommandContext,
        _ body: (UUID, SagaReader) async throws -> Result
    ) async throws -> Result {
        var unasked: [(role: Role, error: any Error)] = []
        for role in subject.coordinators {
            do {
                let found = try await reading(role) { reader, database -> Result? in
                    guard let id = try await subject.find(reader, database) else { return nil }
                    return try await body(id, reader)
                }
                if let found {
                    for (role, error) in unasked { note(role, error, context) }
                    return found
                }
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                unasked.append((role, error))
            }
        }
        // Without an answer from all of them it is not known that there is none; where none is set up, it is.
        let unanswered = unasked.first { !($0.error is ConfigurationError) }
        if let first = unanswered ?? (unasked.count == subject.coordinators.count ? unasked.first : nil) {
            throw Self.located(first.role, first.error)
        }
        for (role, error) in unasked { note(role, error, context) }
        throw await missing(subject)
    }

    /// Asks all of the coordinators. One whose database is not set, or does not answer, is noted and left out.
    ///
    /// - Returns: Their answers together, and whether all databases that are set have answered.
    /// - Throws: The first error if none could be asked.
    func all<Element: Sendable>(
        _ roles: [Role], _ context: CommandContext, _ body: (SagaReader, PostgresClient) async throws -> [Element]
    ) async throws -> (answers: [Element], isComplete: Bool) {
        var answers: [Element] = []
        var unasked: [(role: Role, error: any Error)] = []
        for role in roles {
            do { answers += try await reading(role, body) } catch { unasked.append((role, error)) }
        }
        if unasked.count == roles.count, let first = unasked.first { throw Self.located(first.role, first.error) }
        for (role, error) in unasked { note(role, error, context) }
        return (answers, unasked.allSatisfy { $0.error is ConfigurationError })
    }

    func reading<Result: Sendable>(
        _ role: Role, _ body: (SagaReader, PostgresClient) async throws -> Result
    ) async throws -> Result {
        // A database for orders alone must not be taken for that of products.
        let settings = try configuration.database(of: role, among: role == .orders ? [role] : [.orders, role])
        return try await Self.withClient(settings) { client in
            try await body(
                SagaReader(
                    coordinator: role.rawValue, database: client, stuckAfter: configuration.sagaStuckAfter), client)
        }
    }

    func note(_ role: Role, _ error: any Error, _ context: CommandContext) {
        let line = "not asked: \(role.rawValue): \(Self.reason(error))"
        // One that is not set is none of this operator's; one that does not answer may have what was asked for.
        if error is ConfigurationError { context.note(line) } else { context.warn(line) }
    }

    private static func located(_ role: Role, _ error: any Error) -> LocatedError {
        LocatedError(object: "database of \(role.rawValue)", cause: error)
    }

    /// Gathers everything about a saga. What cannot be asked is noted, but for the coordinator's own database.
    func facts(of id: UUID, _ reader: SagaReader) async throws -> SagaFacts? {
        guard var facts = try await reader.facts(of: id) else { return nil }
        let participants = facts.participants.map(\.name)
        let services = [facts.coordinator] + participants
        // Looking for dead letters takes them out for a moment: only where there may be some. Copies of what was sent
        // again may be tried long after the saga is over.
        let isTroubled =
            !facts.saga.phase.isTerminal || !facts.stalls.isEmpty || facts.log.contains { $0.event == "resent" }
        async let broker = askBroker(services, about: isTroubled ? id : nil)
        let isOpen = !facts.saga.phase.isTerminal
        async let troubles = isOpen ? self.troubles() : ServiceTroubles()
        for answer in await askParticipants(participants, of: facts.coordinator, about: id) {
            switch answer.result {
            case .success(let part):
                if let branch = part.branch { facts.branches.append(branch) }
                facts.outbox += part.messages
                facts.failures += part.failures
                facts.log += part.repairs
            case .failure(let error):
                facts.unasked[answer.name] = error.text
                facts.databasesAway[answer.name] = error.refusal
            }
        }
        facts.broker = await broker
        facts.troubles = await troubles.reasons
        return facts
    }

    // MARK: - Participants

    private struct Unasked: Error {
        let text: String
        /// The words of a database that refuses or does not answer.
        var refusal: String?
    }

    /// A participant's own record of a saga.
    private struct Part: Sendable {
        let branch: SagaFacts.Branch?
        let messages: [SagaFacts.Message]
        let failures: [SagaFacts.Failure]
        let repairs: [SagaFacts.LogEntry]
    }

    private struct Answer: Sendable {
        let name: String
        let result: Result<Part, Unasked>
    }

    private func askParticipants(_ names: [String], of coordinator: String, about id: UUID) async -> [Answer] {
        await withTaskGroup(of: Answer.self) { group in
            for name in names {
                group.addTask { Answer(name: name, result: await ask(name, of: coordinator, about: id)) }
            }
            var answers: [Answer] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.name < $1.name }
        }
    }

    private func ask(
        _ name: String, of coordinator: String, about id: UUID
    ) async -> Result<Part, Unasked> {
        guard let role = Role(rawValue: name) else { return .failure(Unasked(text: "\(name) is no role of this shop")) }
        do {
            let roles = Set([role, Role(rawValue: coordinator)].compactMap { $0 })
            let settings = try configuration.database(of: role, among: roles)
            return .success(
                try await Self.withClient(settings) { client in
                    let branch = try await SagaReader.branch(of: id, participant: name, in: client)
                    return Part(
                        branch: branch,
                        messages: try await SagaReader.outbox(of: id, service: name, in: client),
                        failures: try await SagaReader.failures(of: [id], participant: name, in: client)[id] ?? [],
                        repairs: try await LostPart.repairs(
                            of: id, participant: name, since: branch?.createdAt, in: client))
                })
        } catch {
            return .failure(Unasked(text: Self.reason(error), refusal: (error as? PostgresError)?.message))
        }
    }

    /// The reason why a database could not be asked, in one line.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as ConfigurationError: "its database is not configured (\(error.key ?? "configuration"))"
        case let error as PostgresError: "its database: \(error.message)"
        default: "its database: \(error)"
        }
    }

    /// Lends a client of a database.
    static func withClient<Result: Sendable>(
        _ settings: PostgresConfiguration, _ body: (PostgresClient) async throws -> Result
    ) async throws -> Result {
        let client = PostgresClient(configuration: settings, logger: .command("saga"))
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    // MARK: - The broker

    /// - Parameter saga: Whose dead letters to look for; nil for none.
    private func askBroker(_ services: [String], about saga: UUID?) async -> SagaFacts.Broker {
        let broker: RabbitMQConfiguration
        do {
            broker = try configuration.broker(name: "shopctl-saga")
        } catch {
            return .unasked("\(error)")
        }
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("saga"))
        do {
            var queues: [SagaFacts.Queues] = []
            var dead: [SagaFacts.DeadMessage] = []
            for topology in Topology.shop.services where services.contains(topology.service) {
                var status = try await QueueOverview.look(at: topology, admin)
                if let saga, status.retrying > 0 {
                    let waiting = try await RetriedMessage.look(at: topology, by: admin, limit: Self.retryLimit)
                        .filter { $0.sagaID == saga }
                    status.lastError = waiting.compactMap(\.lastError).first
                    status.failing = waiting.compactMap { message in
                        message.history.flatMap {
                            SagaFacts.Failure(
                                $0, of: message.delivery, at: topology.service, error: message.lastError)
                        }
                    }
                }
                if let saga, status.dead > 0 {
                    let letters = try await Self.deadLetters(of: saga, topology, broker)
                    dead += letters.map { SagaFacts.DeadMessage($0, at: topology.service) }
                    status.failing += letters.compactMap { delivery in
                        let letter = DeadLetter(delivery)
                        return letter.history.flatMap {
                            SagaFacts.Failure(
                                $0, of: delivery, at: topology.service,
                                error: "\(letter.errorClass): \(letter.reason)")
                        }
                    }
                }
                queues.append(status)
            }
            await admin.close()
            // AMQP does not tell what consumers have taken.
            if saga != nil, let view = try? configuration.management(virtualHost: broker.virtualHost),
                let seen = try? await view.snapshot()
            {
                for topology in Topology.shop.services {
                    guard let index = queues.firstIndex(where: { $0.service == topology.service }) else { continue }
                    queues[index].unacknowledged = seen.queues[topology.inbox]?.unacknowledged
                }
            }
            return .seen(queues, dead: dead)
        } catch {
            await admin.close()
            return .unreachable((error as? RabbitMQError)?.text ?? "\(error)")
        }
    }

    private static func deadLetters(
        of saga: UUID, _ topology: ServiceTopology, _ broker: RabbitMQConfiguration
    ) async throws -> [Delivery] {
        try await DeadLetterQueue(topology: topology, broker: broker, logger: .command("saga"))
            .look(limit: deadLetterLimit).letters
            .filter { DeadLetter($0).sagaIDs.contains(saga) }
    }
}

extension SagaFacts.DeadMessage {
    fileprivate init(_ delivery: Delivery, at service: String) {
        let letter = DeadLetter(delivery)
        // A letter that the broker moved, or somebody put there, does not say when.
        let diedAt = letter.diedAt ?? delivery.properties.timestamp
        self.init(
            service: service, sender: delivery.properties.appID, id: delivery.properties.messageID ?? "",
            type: letter.messageType ?? "unknown", errorClass: letter.errorClass, reason: letter.reason,
            diedAt: diedAt ?? .distantPast)
    }
}

extension SagaFacts.Failure {
    /// The failures of a copy that is in a queue; nil for one that is no saga's message.
    fileprivate init?(_ history: FailureHistory, of delivery: Delivery, at service: String, error: String?) {
        let properties = delivery.properties
        guard let kind = properties.type?.split(separator: ".").last.flatMap({ SagaMessageKind(rawValue: String($0)) })
        else { return nil }
        self.init(
            service: service, kind: kind, sender: kind.isAnswer ? properties.appID : nil, count: history.count,
            error: error, since: history.since, lastAt: history.lastAt, gaveUpAt: history.gaveUpAt,
            gaveUpReason: history.gaveUpReason, handledAt: nil)
    }
}
