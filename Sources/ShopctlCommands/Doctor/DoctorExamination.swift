import Events
import FoundationEssentials
import Hosting
import Logging
import Postgres
import RabbitMQ

/// Everything that `doctor` has seen in one look.
struct DoctorExamination: Sendable {
    var sources: [DoctorSource] = []
    /// The servers that do not answer, or let nobody in.
    var away: [AwayServer] = []
    var findings: [DoctorFinding] = []
    /// The sources that could not be looked at, and why.
    var unchecked: [(what: String, reason: String)] = []
    /// The sources that only RabbitMQ's management interface tells of, where none is set.
    var unset: [String] = []
    /// The parts of sources that this program cannot compare, and why; no fault of the shop's.
    var uncompared: [(what: String, reason: String)] = []
    /// The invariants that were looked at.
    var checked: [String] = []

    /// Findings of a status that are told of here by their sources, or in greater detail.
    private static let others: Set<String> = [
        "database_away", "broker_away", "redis_away", "queue_missing", "queue_wrong", "bindings_unchecked",
    ]
}

/// One who looks at the whole shop.
struct Doctor: Sendable {
    let configuration: ShopConfiguration
    let status: StatusSources
    /// The URL of a gateway; nil for none.
    let gateway: String?
    /// The age up to which settled things are compared, in seconds.
    let window: Double
    let now: @Sendable () -> Date

    init(
        _ configuration: ShopConfiguration, _ addresses: [AddressArgument], window: Double, _ context: CommandContext
    ) throws {
        self.configuration = configuration
        status = try StatusSources(configuration, addresses, context)
        gateway = context.environment["SHOPCTL_GATEWAY_URL"].flatMap { $0.isEmpty ? nil : $0 }
        self.window = window
        now = context.now
    }

    /// Looks, and a second time at what was found: what has gone by itself meanwhile is no finding.
    func examine() async throws -> DoctorExamination {
        let first = try await look(takingRetries: false)
        guard !first.findings.isEmpty else { return first }
        try await Task.sleep(for: .seconds(1))
        var second = try await look(takingRetries: true)
        second.findings = DoctorFinding.confirmed(second.findings, by: first.findings)
        return second
    }

    /// - Parameter takingRetries: See ``StatusSources/look(at:takingRetries:)``.
    private func look(takingRetries: Bool) async throws -> DoctorExamination {
        var seen = DoctorExamination()
        let shop = await status.look(at: now(), takingRetries: takingRetries)
        seen.take(shop)
        await checkQueues(shop, &seen)
        await checkSchemas(shop, &seen)
        var settings: [Role: PostgresConfiguration] = [:]
        for database in shop.databases {
            guard let contents = database.answer.value, contents.standing.exists == true else { continue }
            settings[database.role] = try configuration.database(of: database.role, among: Set(Role.allCases))
        }
        seen = try await DoctorDatabases.with(settings, window: window) { [seen] databases in
            var seen = seen
            await checkDatabaseClocks(databases, &seen)
            await checkInvariants(databases, &seen)
            return seen
        }
        await checkClocks(besides: shop, &seen)
        seen.findings =
            seen.findings.filter { $0.finding.severity == .critical }
            + seen.findings.filter { $0.finding.severity == .warning }
        return seen
    }

    // MARK: - The broker

    private func checkQueues(_ shop: ShopStatus, _ seen: inout DoctorExamination) async {
        guard shop.broker.value != nil else { return }
        do {
            let broker = try configuration.broker(name: "shopctl-doctor", connectTimeout: .seconds(2))
            var snapshot: BrokerSnapshot?
            do {
                snapshot = try await configuration.management(virtualHost: broker.virtualHost)?.snapshot()
                if snapshot == nil { seen.unset.append("bindings") }
            } catch {
                seen.unchecked.append(("bindings", Diagnosis(error).message ?? "\(error)"))
            }
            let overview = try await QueueCommand.withAdmin(broker) { [snapshot] admin in
                try await QueueOverview(Topology.shop.services, admin, snapshot)
            }
            let check = QueueCheckReport(overview: overview, snapshot: snapshot, virtualHost: broker.virtualHost)
            seen.findings += check.findings.map { Self.finding($0, check) }
        } catch {
            seen.unchecked.append(("queues", Diagnosis(error).message ?? "\(error)"))
        }
    }

    private static func finding(_ found: QueueFinding, _ check: QueueCheckReport) -> DoctorFinding {
        let role = Topology.shop.services.first { $0.queues.contains { $0.name == found.queue } }?.service ?? "broker"
        let next = check.next(found)
        let remedy: DoctorFinding.Remedy? =
            switch found {
            case .missingQueue(let queue, _): .declare(role: role, what: "queue \(queue)", lost: LostEvents.of(found))
            case .missingBinding(let queue, let binding):
                .declare(
                    role: role, what: "binding of \(queue) to \(binding.routingKey)", lost: LostEvents.of(found))
            case .surplusBinding, .policy: nil
            }
        let text = "\(found.queue): \(found)"
        let command = remedy == nil ? next.first ?? "shopctl queue check" : "shopctl doctor --fix"
        let afterwards = next.filter { $0 != command && $0 != "shopctl migrate up" }
        return DoctorFinding(
            .critical(found.kind, role, text, next: command),
            evidence: afterwards.map { "afterwards: \($0)" }, remedy: remedy)
    }

    // MARK: - Invariants

    private func checkInvariants(_ databases: DoctorDatabases, _ seen: inout DoctorExamination) async {
        for invariant in Invariant.all {
            let missing = invariant.roles.filter { databases.clients[$0] == nil }
            guard missing.isEmpty else {
                let names = missing.map(\.rawValue).joined(separator: " and ")
                seen.unchecked.append((invariant.name, "it needs the database of \(names)"))
                continue
            }
            do {
                seen.findings += try await invariant.check(databases)
                seen.checked.append(invariant.name)
            } catch {
                seen.unchecked.append((invariant.name, MigrationFailures.text(of: error)))
            }
        }
    }
}

extension DoctorExamination {
    /// Whether everything could be looked at that the settings name.
    var isUnhindered: Bool { unchecked.isEmpty && sources.allSatisfy(\.isSeen) }

    /// Whether everything could be looked at.
    var isComplete: Bool { isUnhindered && unset.isEmpty && uncompared.isEmpty }

    /// The way to look at everything that the settings name.
    var way: String { away.isEmpty ? "shopctl status" : AwayServer.advice(away) }

    /// All that could not be looked at, and why.
    var notChecked: [(what: String, reason: String)] {
        unchecked + uncompared + unset.map { ($0, "AMQP does not tell: amqp.management-url is not set") }
    }

    /// Takes over what a status tells.
    mutating func take(_ shop: ShopStatus) {
        findings = shop.findings.filter { !Self.others.contains($0.kind) }.map { DoctorFinding($0) }
        away = shop.awayServers
        sources = shop.databases.map { database in
            DoctorSource(
                name: "database of \(database.role.rawValue)", state: database.word,
                reason: database.reason, sharedServer: shop.sharedServerAway(of: database.role)?.place)
        }
        sources.append(DoctorSource(name: "broker", state: shop.broker.word, reason: shop.broker.reason))
        // Nothing is cached without it, and that is all.
        if shop.redis.isSet {
            sources.append(DoctorSource(name: "redis", state: shop.redis.word, reason: shop.redis.reason))
        }
        for process in shop.processes {
            guard let readiness = process.readiness else { continue }
            let reason = readiness.isReady ? nil : process.failing.first { $0.mark == "-" }?.text
            sources.append(
                DoctorSource(
                    name: "process \(process.address)", state: readiness.isReady ? "ok" : "not_ready",
                    version: readiness.version, reason: reason))
        }
    }
}
