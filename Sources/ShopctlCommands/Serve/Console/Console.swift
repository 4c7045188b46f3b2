import Events
import FoundationEssentials
import Hosting
import Logging
import RabbitMQ
import Sagas

/// The operators' page of a serving process, on its admin listener: what `status`, `saga`, `order story` and `queue`
/// tell, gathered by the same code and in the same shapes, as far as this process can reach it.
struct Console: Sendable {
    let configuration: ShopConfiguration
    /// The roles of this process.
    let roles: Set<Role>
    let access: ConsoleAccess
    let history: ConsoleHistory
    let logger: Logger

    private let status: SharedAnswer
    private let queues: SharedAnswer
    private let turns = ConsoleTurns(limit: 4)

    init(
        configuration: ShopConfiguration, roles: Set<Role>, verifier: TokenVerifier, history: ConsoleHistory,
        logger: Logger
    ) {
        self.configuration = configuration
        self.roles = roles
        self.history = history
        self.logger = logger
        access = ConsoleAccess(verifier: verifier)
        status = SharedAnswer { listener in
            await .reporting { _ in
                let place = try Readiness.here(.on(listener))
                return StatusReport(
                    status: await StatusSources(configuration, process: place, roles: roles).look(at: Date()))
            }
        }
        let oldest = OldestLetters()
        queues = SharedAnswer { _ in await .reporting { _ in try await Self.queues(configuration, oldest, logger) } }
    }

    /// Everything that the admin listener serves for it.
    var routes: [AdminRoute] {
        [
            AdminRoute(.get, "console", refusal: ConsoleRefusal.answer) { _ in ConsolePage.answer },
            reading("status") { await status.answer($0.listener) },
            reading("queues") { await queues.answer($0.listener) },
            reading("history") { request in
                await .reporting { _ in history.report(after: try request.number("after") ?? 0, now: Date()) }
            },
            reading("sagas") { request in await limited { try await sagas(request, $0) } },
            reading("saga/{id}") { request in await limited { try await saga(request, $0) } },
            reading("order/{id}/story") { request in await limited { _ in try await story(request) } },
            confiding("queue/{service}/dead-letters") { request in
                await limited { _ in try await letters(request) }
            },
            deed("saga/{id}/retry") { request, admin in await limited { try await retry(request, admin, $0) } },
            deed("queue/{service}/replay") { request, admin in await limited { try await replay(request, admin, $0) } },
        ]
    }

    private func reading(
        _ path: String, _ answer: @escaping @Sendable (AdminRequest) async -> AdminAnswer
    ) -> AdminRoute {
        AdminRoute(.get, "console/api/\(path)", refusal: ConsoleRefusal.answer) { request in
            do {
                try await access.checkReader(request)
                return await answer(request)
            } catch {
                return AdminAnswer(error)
            }
        }
    }

    /// Something that only an admin may read, wherever the listener is.
    private func confiding(
        _ path: String, _ answer: @escaping @Sendable (AdminRequest) async -> AdminAnswer
    ) -> AdminRoute {
        AdminRoute(.get, "console/api/\(path)", refusal: ConsoleRefusal.answer) { request in
            do {
                try await access.checkAdmin(request)
                return await answer(request)
            } catch {
                return AdminAnswer(error)
            }
        }
    }

    private func deed(
        _ path: String, _ answer: @escaping @Sendable (AdminRequest, Identity) async -> AdminAnswer
    ) -> AdminRoute {
        AdminRoute(.post, "console/api/\(path)", refusal: ConsoleRefusal.answer) { request in
            do {
                return await answer(request, try await access.admin(doing: request))
            } catch {
                return AdminAnswer(error)
            }
        }
    }

    /// Gathers a result, unless too many are being gathered: each opens connections of its own.
    private func limited<Result: Report>(_ body: (CommandContext) async throws -> Result) async -> AdminAnswer {
        guard turns.take() else {
            return AdminAnswer(ConsoleRefusal(503, .tryAgain, "others are being answered; ask again"))
        }
        defer { turns.give() }
        return await .reporting(body)
    }

    // MARK: - Results

    private func sagas(_ request: AdminRequest, _ context: CommandContext) async throws -> SagaListing {
        let state = request.query["state"] ?? "open"
        guard let filter = SagaCommand.StateArgument(argument: state)?.filter else {
            throw ConsoleRefusal(400, .usage, "there is no state '\(state)' of sagas")
        }
        let limit = try request.number("limit", 1...500) ?? 50
        let paged = PagedList("console/sagas", sort: SagaCommand.SagaList.Sort.descending.rawValue, ["\(filter)"])
        let after: PageCursor?
        do {
            after = try request.query["cursor"].map { try PageCursor($0, of: paged) }
        } catch {
            throw ConsoleRefusal(
                400, .usage, "the cursor is not one of this list", hint: "ask without cursor for the first page")
        }
        let sources = SagaSources(configuration: configuration)
        let found = try await sources.page(
            of: SagaSelection(filter: filter, after: after), SagaSources.coordinators, limit: Int(limit) + 1, context)
        let shown = Array(found.sagas.prefix(Int(limit)))
        let next = found.sagas.count > shown.count ? shown.last.map { $0.cursor(of: paged).text } : nil
        var errors = SagaErrors()
        // The page repeats this, seldom where a saga is or was stuck, and each look counts against a delivery limit.
        if shown.contains(where: { $0.stuckSince != nil || $0.stall != nil }) { errors = await sources.errors() }
        if let unasked = errors.unasked { context.note("not asked: broker: \(unasked)") }
        _ = await sources.addRecorded(of: shown, to: &errors, context)
        return SagaListing(
            sagas: shown, errors: errors, now: Date(),
            page: Page(count: shown.count, total: found.total, next: next))
    }

    private func saga(_ request: AdminRequest, _ context: CommandContext) async throws -> SagaDossier {
        let sources = SagaSources(configuration: configuration)
        let facts = try await sources.find(try request.saga, context) { try await sources.facts(of: $0, $1) }
        guard let facts else { throw CommandFailure(.notFound, "the saga has just gone", code: .sagaMissing) }
        return SagaDossier(facts)
    }

    private func story(_ request: AdminRequest) async throws -> OrderDossier {
        guard let id = Int64(request.parameters["id"] ?? ""), id > 0 else {
            throw ConsoleRefusal(400, .usage, "an order's id is a number more than zero")
        }
        guard let dossier = try await OrderSources(configuration: configuration).dossier(of: id) else {
            throw CommandFailure.orderMissing(id)
        }
        return dossier
    }
}

extension AdminRequest {
    /// A whole number of the query; nil if it is not there.
    func number(_ name: String, _ range: ClosedRange<Int64> = 0...Int64.max) throws(ConsoleRefusal) -> Int64? {
        guard let text = query[name] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            let end = range.upperBound == .max ? " on" : " to \(range.upperBound)"
            throw ConsoleRefusal(400, .usage, "\(name) must be a number from \(range.lowerBound)\(end)")
        }
        return number
    }

    /// The saga that the path names: by its id, or by its order or product.
    var saga: SagaCommand.SagaArgument {
        get throws(ConsoleRefusal) {
            guard let saga = SagaCommand.SagaArgument(argument: parameters["id"] ?? "") else {
                throw ConsoleRefusal(400, .usage, "this names no saga: say its id, an order's, or product:ID")
            }
            return saga
        }
    }
}
