import Events
import FoundationEssentials
import Hosting
import Logging
import Sagas
import Telemetry

/// The deeds of the console: the commands' own, done by an admin.
extension Console {
    /// Values that a deed comes with.
    private struct Wish: Decodable {
        var reason: String?
        /// Only the letters with these ids.
        var messageIDs: [String]?

        enum CodingKeys: String, CodingKey {
            case reason
            case messageIDs = "message_ids"
        }

        /// Any value: only its name is of interest.
        private struct Anything: Decodable {
            init(from decoder: any Decoder) {}
        }

        /// - Parameter known: The fields that the deed has. What is misspelt must not do more than was meant.
        init(_ request: AdminRequest, knowing known: Set<CodingKeys>) throws(ConsoleRefusal) {
            guard !request.body.isEmpty else { return }
            let names: [String]
            do {
                let body = Data(request.body)
                names = try JSONDecoder().decode([String: Anything?].self, from: body).keys.sorted()
                self = try JSONDecoder().decode(Wish.self, from: body)
            } catch {
                throw ConsoleRefusal(400, .usage, "the body must be JSON with reason or message_ids, or nothing")
            }
            if let name = RepeatedMember.name(in: request.body) {
                throw ConsoleRefusal(400, .usage, "the field '\(Printable.line(name))' stands twice")
            }
            if let unknown = names.first(where: { name in !known.contains { $0.rawValue == name } }) {
                throw ConsoleRefusal(400, .usage, "the deed has no field '\(Printable.line(unknown))'")
            }
            if let fault = reason.flatMap(ReasonText.fault) { throw ConsoleRefusal(400, .usage, "reason \(fault)") }
            // None of them is not all of them.
            if messageIDs?.isEmpty == true {
                throw ConsoleRefusal(400, .usage, "message_ids must name letters: leave it out for all of them")
            }
        }
    }

    /// Has a saga's coordinator ask again, as `saga retry` does; its timeline and the audit trail name the admin.
    func retry(_ request: AdminRequest, _ admin: Identity, _ context: CommandContext) async throws -> RetriedSagas {
        let wish = try Wish(request, knowing: [.reason])
        let deed = SagaDeed.retry(reason: wish.reason, by: admin)
        let (saga, isDone) = try await SagaSources(configuration: configuration)
            .perform(deed, on: try request.saga, context)
        guard isDone else { throw SagaDeed.nothingToRetry(saga) }
        logger.notice("an admin retries a saga", [.userID: "\(admin.subject)", .sagaID: "\(saga.id)"])
        return RetriedSagas(ids: [saga.id], isDryRun: false)
    }

    /// Sends a service's dead letters back, as `queue replay` does, and waits a while for what comes of them.
    func replay(_ request: AdminRequest, _ admin: Identity, _ context: CommandContext) async throws -> ReplayOutcome {
        let wish = try Wish(request, knowing: [.reason, .messageIDs])
        let topology = try request.topology
        let name = topology.service
        let broker = try configuration.broker(name: "shopctl-console")
        let observer = ReplayObserver(topology: topology, broker: broker)
        let outcome: ReplayOutcome
        do {
            outcome = try await DeedTrail.writing(of: name, because: wish.reason, by: admin, configuration) {
                audit in
                let replay = DeadLetterReplay(
                    topology: topology, broker: broker, plan: ReplayPlan(),
                    wanted: LetterSelection(wish.messageIDs ?? [], now: Date()), isDryRun: false, audit: audit,
                    interruption: Interruption())
                return try await replay.run(observer, wait: SpanArgument(seconds: 10))
            }
        } catch {
            await observer.close()
            throw error
        }
        await observer.close()
        if let failure = outcome.failure {
            if outcome.replayed.isEmpty { throw failure }
            context.warn("\(outcome.replayed.count) sent back, then: \(Diagnosis(failure).message ?? "failed")")
        }
        logger.notice(
            "an admin sends dead letters back",
            [.userID: "\(admin.subject)", .service: "\(name)", .count: "\(outcome.replayed.count)"])
        return outcome
    }
}
