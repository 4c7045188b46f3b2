import Events
import FoundationEssentials
import Hosting
import Postgres

/// Events that a queue may lack: its binding was missing, by itself or with the queue.
struct LostEvents: Sendable, Equatable {
    /// The time for which an outbox keeps what was published, in seconds.
    static let kept = Double(OutboxRelay.Options().retentionHours) * 3600
    /// A loss is noted when it is found, and again once the binding is there.
    private static let (found, over) = ("queue.unbound", "queue.rebind")

    let service: String
    let queue: String
    let type: String
    /// From when on they may lack.
    private(set) var since: Date
    /// When the queue was bound again; when it was found missing, as long as nobody has noted the other.
    private(set) var boundAt: Date

    /// The losses of a finding that can be made good.
    static func of(_ finding: QueueFinding) -> [BindingLoss] {
        finding.losses().filter { !MessageSenders.replay($0.type, since: nil).isEmpty }
    }

    /// A loss as the audit trail keeps it.
    ///
    /// - Parameter now: The time when it was found out.
    static func action(_ loss: BindingLoss, now: Date) -> String {
        "\(loss.isBound ? over : found) \(loss.queue) \(loss.type) since \(Timestamp.text(loss.lastSeen ?? now - kept))"
    }

    /// Notes losses, makes the bindings, and notes that they are there: whatever breaks off leaves the losses told.
    static func note<Result>(
        _ losses: [(role: String, loss: BindingLoss)], by note: (_ action: String, _ role: String) async throws -> Void,
        around bind: () async throws -> Result
    ) async throws -> Result {
        for (role, loss) in losses { try await note(action(loss, now: Date()), role) }
        let result = try await bind()
        for (role, loss) in losses { try await note(action(loss.bound, now: Date()), role) }
        return result
    }

    /// Reads such an entry; nil for any other.
    fileprivate init?(action: String, at: Date, of service: String) {
        let words = action.split(separator: " ").map(String.init)
        guard words.count == 5, [Self.found, Self.over].contains(words[0]), words[3] == "since",
            let since = Timestamp.date(words[4])
        else { return nil }
        self.init(service: service, queue: words[1], type: words[2], since: since, boundAt: at)
    }

    init(service: String, queue: String, type: String, since: Date, boundAt: Date) {
        self.service = service
        self.queue = queue
        self.type = type
        self.since = since
        self.boundAt = boundAt
    }

    /// The commands that have them sent again.
    var next: [String] { MessageSenders.replay(type, since: since) }

    var text: String {
        "\(queue) may lack \(type) of \(Timestamp.text(since)) to \(Timestamp.text(boundAt)): it was not bound to it"
    }

    /// A deed that had messages sent again, all of them.
    struct Replay: Sendable, Equatable {
        private static let verb = "outbox.replayed"

        /// When it began: what it sent then was routed past a queue that was bound later.
        let at: Date
        let since: Date
        /// Empty for all.
        let types: [String]

        init(at: Date, since: Date, types: [String]) {
            self.at = at
            self.since = since
            self.types = types
        }

        /// The deed as the audit trail keeps it before it is done; it may break off, and settles nothing.
        static func intent(_ replay: OutboxReplay) -> String {
            (["outbox.replay since \(Timestamp.text(replay.since))"] + replay.types).joined(separator: " ")
        }

        /// The deed as the audit trail keeps it once it is done.
        var action: String {
            (["\(Self.verb) since \(Timestamp.text(since)) begun \(Timestamp.text(at))"] + types)
                .joined(separator: " ")
        }

        /// Reads a deed that is done; nil for any other.
        fileprivate init?(action: String) {
            let words = action.split(separator: " ").map(String.init)
            guard words.count > 4, words[0] == Self.verb, words[1] == "since", words[3] == "begun",
                let since = Timestamp.date(words[2]), let begun = Timestamp.date(words[4])
            else { return nil }
            self.init(at: begun, since: since, types: Array(words.dropFirst(5)))
        }

        /// Whether it brought back what was lost, as far as an outbox still had it.
        func settles(_ lost: LostEvents) -> Bool {
            at > lost.boundAt && (types.isEmpty || types.contains(lost.type))
                && since <= max(lost.since, at - LostEvents.kept)
        }
    }

    /// What a service's audit trail tells of losses, and of its messages that were sent again.
    struct Trail: Sendable, Equatable {
        let service: String
        var losses: [LostEvents] = []
        var replays: [Replay] = []

        static func read(_ service: String, _ database: PostgresClient) async throws -> Trail {
            let rows = try await database.query(
                """
                SELECT at, action FROM audit_trail
                WHERE user_id = 0 AND (
                    action LIKE 'queue.unbound %' OR action LIKE 'queue.rebind %' OR action LIKE 'outbox.replayed %')
                ORDER BY id
                """)
            var trail = Trail(service: service)
            for (at, action) in try rows.decode((Date, String).self) {
                if let loss = LostEvents(action: action, at: at, of: service) { trail.losses.append(loss) }
                if let replay = Replay(action: action) { trail.replays.append(replay) }
            }
            return trail
        }
    }

    /// The losses after which those who send such events have not sent them again; those of a queue and type are one.
    ///
    /// A loss is none of them as long as a sender's trail is missing: what that has sent again is not known.
    static func unsettled(_ trails: [Trail]) -> [LostEvents] {
        let missing = unreadSenders(trails)
        var found: [LostEvents] = []
        for loss in trails.flatMap(\.losses) {
            let senders = MessageSenders.of(loss.type)
            if senders.contains(where: missing.contains) { continue }
            let isSettled = senders.allSatisfy { sender in
                trails.contains { $0.service == sender && $0.replays.contains { $0.settles(loss) } }
            }
            if isSettled { continue }
            guard let index = found.firstIndex(where: { $0.queue == loss.queue && $0.type == loss.type }) else {
                found.append(loss)
                continue
            }
            found[index].since = min(found[index].since, loss.since)
            found[index].boundAt = max(found[index].boundAt, loss.boundAt)
        }
        return found
    }

    /// The senders of lost events whose trails are missing.
    static func unreadSenders(_ trails: [Trail]) -> Set<String> {
        Set(trails.flatMap(\.losses).flatMap { MessageSenders.of($0.type) }).subtracting(trails.map(\.service))
    }

    /// Asks the databases of all services that are set.
    ///
    /// - Returns: What was lost; and the services that could not be asked, or whose database is not set though others
    ///   lack events of theirs, with the reason.
    static func ask(_ configuration: ShopConfiguration) async -> (lost: [LostEvents], unasked: [String]) {
        var trails: [Trail] = []
        var unasked: [String] = []
        var unset: [String] = []
        for role in Role.servers {
            let settings = ["database.url", "\(role.rawValue).database.url"]
            guard settings.contains(where: configuration.isSet) else {
                unset.append(role.rawValue)
                continue
            }
            do {
                let database = try configuration.database(of: role, among: Set(Role.allCases))
                trails.append(
                    try await SagaSources.withClient(database) { try await Trail.read(role.rawValue, $0) })
            } catch {
                unasked.append("database of \(role.rawValue): \(MigrationFailures.text(of: error))")
            }
        }
        for sender in unset where unreadSenders(trails).contains(sender) {
            unasked.append("database of \(sender): it is not set, and others have missed events of this service")
        }
        return (unsettled(trails), unasked)
    }
}
