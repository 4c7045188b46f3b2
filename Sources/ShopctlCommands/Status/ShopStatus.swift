import FoundationEssentials
import Hosting
import Sagas

/// The whole shop at one moment, as far as it could be asked.
struct ShopStatus: Sendable {
    /// The limits past which something needs a hand.
    struct Limits: Sendable {
        /// The time a saga, or a message in an outbox, may make no progress.
        var stuckAfter = ShopConfiguration.standard.sagaStuckAfter
        /// Undecided orders past which new ones are refused.
        var backlog = ShopConfiguration.standard.ordersBacklog
    }

    /// The clock of whoever asks.
    let at: Date
    var limits = Limits()
    var processes: [ProcessStatus] = []
    var roles: [RoleStatus] = []
    var databases: [DatabaseStatus] = []
    var broker: StatusAnswer<BrokerStatus> = .notSet
    /// `host:port` of the broker's nodes; nil if nothing says where they are.
    var brokerPlace: String?
    /// Whether Redis answers.
    var redis: StatusAnswer<Void> = .notSet
    /// `host:port` of Redis; nil if nothing says where it is.
    var redisPlace: String?

    /// The sagas of each coordinator whose database has answered.
    var sagas: [(coordinator: Role, standing: SagaStanding)] {
        databases.compactMap { database in
            database.answer.value?.sagas.map { (coordinator: database.role, standing: $0) }
        }
    }
}

/// A server process as its admin listener tells of it.
struct ProcessStatus: Sendable {
    let address: HostPort
    /// The flag, variable or setting that says it is there.
    let origin: String
    /// Whether somebody has set that: nobody at a default place is no fault.
    let isNamed: Bool
    /// Nil if nobody answers.
    let readiness: Readiness?

    /// The roles that it runs.
    var roles: [Role] {
        let words = Set(readiness?.checks.compactMap { $0.text.split(separator: " ").first.map(String.init) } ?? [])
        return Role.allCases.filter { words.contains($0.rawValue) }
    }

    /// The checks that fail: those that keep it from being ready first.
    var failing: [Readiness.Check] {
        let checks = readiness?.checks ?? []
        return checks.filter { $0.mark == "-" } + checks.filter { $0.mark == "!" }
    }
}

/// A role at one of the addresses where its peers find it.
struct RoleStatus: Sendable {
    enum State: String, Sendable {
        case ready
        case notReady = "not_ready"
        case away
    }

    let role: Role
    let address: HostPort
    let isNamed: Bool
    let state: State
    /// The words of a call that failed.
    let reason: String?
}
