import Hosting
import Postgres
import Sagas

/// Everywhere that something is recorded of an order.
struct OrderSources: Sendable {
    let configuration: ShopConfiguration
    /// The processes whose checks tell why a service cannot do its part; nil for none.
    var watched: StatusSources?

    /// Gathers everything about an order. What cannot be asked is noted, but for the orders' own database.
    ///
    /// - Returns: Nil if there is no such order.
    func dossier(of id: Int64) async throws -> OrderDossier? {
        let sagaSources = SagaSources(configuration: configuration, watched: watched)
        let found = try await LocatedError.about("database of orders") { () -> (OrderRecord, [SagaDossier])? in
            let settings = try configuration.database(of: .orders, among: [.orders])
            return try await SagaSources.withClient(settings) { client -> (OrderRecord, [SagaDossier])? in
                guard let order = try await OrderRecord.read(id, in: client) else { return nil }
                let reader = SagaReader(
                    coordinator: Role.orders.rawValue, database: client, stuckAfter: configuration.sagaStuckAfter)
                var sagas: [SagaDossier] = []
                for saga in order.sagaIDs {
                    if let facts = try await sagaSources.facts(of: saga, reader) { sagas.append(SagaDossier(facts)) }
                }
                return (order, sagas)
            }
        }
        guard let (order, sagas) = found else { return nil }
        async let stock = ask(.products) { try await order.stockEvents(in: $0) + order.lostParts("products", in: $0) }
        async let money = ask(.customers) { client in
            let entries = try await order.moneyEvents(in: client)
            return try await entries + order.noticeEvents(in: client) + order.lostParts("customers", in: client)
        }
        var events: [OrderStoryEvent] = []
        var notAsked: [(service: String, reason: String)] = []
        for (role, answer) in [(Role.products, await stock), (Role.customers, await money)] {
            switch answer {
            case .success(let found): events += found
            case .failure(let failure): notAsked.append((service: role.rawValue, reason: failure.reason))
            }
        }
        return OrderDossier(order: order, sagas: sagas, events: events, notAsked: notAsked)
    }

    private struct Unasked: Error {
        let reason: String
    }

    private func ask(
        _ role: Role, _ body: @Sendable (PostgresClient) async throws -> [OrderStoryEvent]
    ) async -> Result<[OrderStoryEvent], Unasked> {
        do {
            let settings = try configuration.database(
                of: role, among: [.orders, role], connectTimeout: .seconds(2))
            return .success(try await SagaSources.withClient(settings, body))
        } catch {
            return .failure(Unasked(reason: SagaSources.reason(error)))
        }
    }
}

extension OrderSources {
    /// Sources with the process that variable or setting names.
    init(_ configuration: ShopConfiguration, _ context: CommandContext) {
        self.init(configuration: configuration, watched: StatusSources.named(configuration, context))
    }
}
