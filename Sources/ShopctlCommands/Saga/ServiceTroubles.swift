import Hosting
import Sagas

/// The reasons why services cannot do their part now: the failing checks of the processes that run them. A service
/// that cannot work records no reason of its own.
struct ServiceTroubles: Sendable, Equatable {
    /// The checks of the things that a service needs to handle messages.
    private static let needed = ["database", "schema", "broker"]

    /// As in `customers.database: the server does not take writes`, by service.
    private(set) var reasons: [String: String] = [:]

    init() {}

    /// - Parameter processes: Those that run the services; one that nobody has named may be another shop's, and is left
    ///   out.
    init(_ processes: [ProcessStatus]) {
        for check in processes.filter(\.isNamed).flatMap(\.failing) {
            // "orders orders.broker: …"
            let words = check.text.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { continue }
            let service = String(words[0])
            guard Self.needed.contains(where: { words[1].hasPrefix("\(service).\($0)") }) else { continue }
            reasons[service] = reasons[service] ?? String(words[1])
        }
    }

    /// The reason why a saga gets no answer from one of those that it waits for; nil if none is known.
    func failure(of saga: SagaRecord) -> SagaErrors.Failure? {
        guard saga.finishedAt == nil else { return nil }
        return saga.waitsFor.lazy.compactMap { name in
            reasons[name].map { SagaErrors.Failure(text: $0, at: nil, service: name, message: nil) }
        }.first
    }
}

extension SagaSources {
    /// Sources with the process that variable or setting names.
    init(_ configuration: ShopConfiguration, _ context: CommandContext) {
        self.init(configuration: configuration, watched: StatusSources.named(configuration, context))
    }

    /// The reasons why services cannot do their part now, as far as a process is known that tells.
    func troubles() async -> ServiceTroubles { ServiceTroubles(await watched?.askProcesses() ?? []) }
}

extension StatusSources {
    /// The process that variable or setting names; nil where none does: whoever is at a default place may be another
    /// shop's.
    static func named(_ configuration: ShopConfiguration, _ context: CommandContext) -> StatusSources? {
        guard let sources = try? StatusSources(configuration, [], context),
            configuration.isSet(Readiness.local) || sources.processes.contains(where: { $0.origin != Readiness.local })
        else { return nil }
        return sources
    }
}
