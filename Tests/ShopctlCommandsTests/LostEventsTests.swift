import Events
import FoundationEssentials
import Hosting
import Testing

@testable import ShopctlCommands

@Suite("Events that went past a queue")
struct LostEventsTests {
    private static let begun = Date(timeIntervalSince1970: 1_800_000_000)
    private static let bound = begun + 600

    private func lost(_ queue: String = "customers.inbox.v2", since: Date = begun, bound: Date = bound) -> LostEvents {
        LostEvents(service: "customers", queue: queue, type: "order.confirmed", since: since, boundAt: bound)
    }

    private func unsettled(_ losses: [LostEvents], _ replays: LostEvents.Replay..., of sender: String = "orders")
        -> [LostEvents]
    {
        let trails = [LostEvents.Trail(service: "customers", losses: losses)]
        let senders = Set(["orders", sender]).map {
            LostEvents.Trail(service: $0, replays: $0 == sender ? replays : [])
        }
        return LostEvents.unsettled(trails + senders)
    }

    private func replay(_ at: Date, since: Date, _ types: String...) -> LostEvents.Replay {
        LostEvents.Replay(at: at, since: since, types: types)
    }

    @Test("They are told until those who sent them have sent them again, all of them and afterwards")
    func settled() {
        let (one, now) = (lost(), Self.bound + 60)
        #expect(unsettled([one]) == [one])
        #expect(unsettled([one], replay(now, since: Self.begun)) == [])
        #expect(unsettled([one], replay(now, since: Self.begun - 60, "order.rejected", "order.confirmed")) == [])
        #expect(unsettled([one], replay(now, since: Self.begun - 60, "order.rejected")) == [one])
        #expect(unsettled([one], replay(now, since: Self.begun + 1)) == [one], "some are still lost")
        #expect(unsettled([one], replay(Self.bound - 1, since: Self.begun)) == [one], "it was not bound yet")
        #expect(unsettled([one], replay(now, since: Self.begun), of: "products") == [one], "another's are no help")
        // An outbox has nothing older than a day.
        let late = Self.begun + 3 * 86_400
        #expect(unsettled([one], replay(late, since: late - 86_400)) == [])
        #expect(unsettled([one], replay(late, since: late - 3600)) == [one])
    }

    @Test("A loss is noted before its binding is made, and again once that is there: what breaks off leaves it told")
    func noted() async throws {
        let lost = [(role: "customers", loss: BindingLoss(queue: "q", type: "order.confirmed", lastSeen: Self.begun))]
        var deeds: [String] = []
        func note(_ action: String, _ role: String) { deeds.append("\(role): \(action.prefix { $0 != " " })") }
        await #expect(throws: CancellationError.self) {
            try await LostEvents.note(lost, by: { note($0, $1) }) { throw CancellationError() }
        }
        #expect(deeds == ["customers: queue.unbound"])
        try await LostEvents.note(lost, by: { note($0, $1) }) { deeds.append("bound") }
        #expect(deeds.dropFirst() == ["customers: queue.unbound", "bound", "customers: queue.rebind"])
    }

    @Test("Nothing is told of events whose sender's database was not read: it may have sent them again")
    func unread() {
        let customers = LostEvents.Trail(service: "customers", losses: [lost()])
        #expect(LostEvents.unsettled([customers]) == [] && LostEvents.unreadSenders([customers]) == ["orders"])
        let both = [customers, LostEvents.Trail(service: "orders")]
        #expect(LostEvents.unsettled(both) == [lost()] && LostEvents.unreadSenders(both) == [])
    }

    @Test("Several losses of a queue are one, and its command brings back all of them")
    func several() {
        let again = lost(since: Self.begun + 100, bound: Self.bound + 100)
        let found = unsettled([again, lost(), lost("reviews.inbox.v2")])
        #expect(found.map(\.queue) == ["customers.inbox.v2", "reviews.inbox.v2"])
        #expect(found.first?.since == Self.begun && found.first?.boundAt == Self.bound + 100)
        let command = "shopctl outbox replay --service orders --type order.confirmed --since 2027-01-15T07:59:00Z"
        #expect(found.first?.next == [command])
    }

    @Test("They are critical to a status, with the command that sends them again")
    func status() {
        var shop = ShopStatus(at: Self.bound)
        let contents = DatabaseStatus.Contents(
            standing: .unknown(role: "customers", database: "x", latest: 1, reason: ""),
            trail: LostEvents.Trail(service: "customers", losses: [lost()]))
        shop.databases = [DatabaseStatus(role: .customers, answer: .found(contents))]
        #expect(shop.findings == [], "nobody knows what was sent again")
        let sender = DatabaseStatus.Contents(
            standing: .unknown(role: "orders", database: "x", latest: 1, reason: ""),
            trail: LostEvents.Trail(service: "orders"))
        shop.databases.append(DatabaseStatus(role: .orders, answer: .found(sender)))
        let told = shop.findings
        #expect(told.map(\.kind) == ["events_lost"] && told.map(\.severity) == [.critical])
        #expect(told.first?.subject == "customers" && told.first?.next == lost().next.first)
        #expect(
            told.first?.text.hasPrefix("customers.inbox.v2 may lack order.confirmed of 2027-01-15T08:00:00") == true)
    }
}
