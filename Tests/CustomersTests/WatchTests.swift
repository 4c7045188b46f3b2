import Events
import GRPCCore
import Hosting
import Logging
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers

@Suite(.serialized) struct WatchTests {
    @Test func aWatchResumesAndGoesOnLive() async throws {
        try await Shop.open { shop in
            for id in 1...3 as ClosedRange<Int64> { try await shop.tell(id) }
            let notes = Notes<Int64>()
            let watch = Task { try await shop.watch(shop.peers, after: 1, notes) }
            try await eventually("it has resumed") { notes.all == [2, 3] }
            for id in 4...6 as ClosedRange<Int64> { try await shop.tell(id) }
            try await eventually("it is live") { notes.all == [2, 3, 4, 5, 6] }
            watch.cancel()
            _ = await watch.result
        }
    }

    @Test func withoutASequenceOnlyWhatIsNewComes() async throws {
        try await Shop.open { shop in
            try await shop.tell(1)
            let notes = Notes<Int64>()
            let watch = Task { try await shop.watch(shop.peers, after: nil, notes) }
            // When it has begun, nothing tells; from then on there is no gap.
            var id: Int64 = 1
            try await eventually("it is live") {
                id += 1
                try await shop.tell(id)
                return !notes.all.isEmpty
            }
            let begun = try #require(notes.all.first)
            try await shop.tell(id + 1)
            try await eventually("the last has come") { notes.all.last == id + 1 }
            #expect(notes.all == Array(begun...(id + 1)))
            #expect(begun > 1)
            watch.cancel()
            _ = await watch.result
        }
    }

    @Test func twoHundredWhileReadingComeOnceAndInOrder() async throws {
        try await Shop.open { shop in
            let watches = (0..<3).map { _ in Notes<Int64>() }
            let tasks = watches.map { notes in
                Task { try await shop.watch(shop.peers, after: 0, notes) }
            }
            for start in stride(from: Int64(1), through: 200, by: 20) {
                try await shop.announce(
                    try (start..<start + 20).map {
                        try Shop.message(OrderEvent.rejected, NotificationTests.order($0))
                    })
            }
            for notes in watches {
                try await eventually("all have come") { notes.all.count >= 200 }
                #expect(notes.all == Array(1...200))
            }
            for task in tasks {
                task.cancel()
                _ = await task.result
            }
            #expect(watches.allSatisfy { $0.all.count == 200 })
        }
    }

    @Test func aWatchEndsWellWhenTheServerStops() async throws {
        let notes = Notes<Int64>()
        var watch: Task<Void, any Error>?
        // That the shop stops within its grace is checked where it is closed.
        try await Shop.open { shop in
            try await shop.tell(1)
            watch = Task { try await shop.watch(shop.peers, after: 0, notes) }
            try await eventually("it has begun") { notes.all == [1] }
        }
        try await watch?.value
        #expect(notes.all == [1])
    }

    @Test func anotherReplicaIsWokenByTheEvent() async throws {
        try await Shop.open { shop in
            try await Replica.open(shop) { replica in
                let notes = Notes<Int64>()
                let watch = Task { try await shop.watch(replica.peers, after: 0, notes) }
                try await eventually("it follows") { replica.feed.followers == 1 }
                // It looks when it begins and when it is woken; until its subscription is made, events go by.
                var id: Int64 = 0
                for _ in 0..<3 {
                    let wanted = id + 1
                    try await eventually("it is woken") {
                        id += 1
                        try await shop.tell(id)
                        return notes.all.last ?? 0 >= wanted
                    }
                }
                #expect(notes.all == Array(1...Int64(notes.all.count)))
                watch.cancel()
                _ = await watch.result
            }
        }
    }

    @Test func aWatchEndsWhenItsCallerHasGone() async throws {
        try await Shop.open { shop in
            try await Replica.open(shop) { replica in
                let notes = Notes<Int64>()
                let watches = (0..<3).map { _ in Task { try await shop.watch(replica.peers, after: 0, notes) } }
                try await eventually("they follow") { replica.feed.followers == 3 }
                watches[0].cancel()
                try await eventually("one has ended") { replica.feed.followers == 2 }
                for watch in watches {
                    watch.cancel()
                    _ = await watch.result
                }
                try await eventually("all have ended") { replica.feed.followers == 0 }
            }
        }
    }

    @Test func callsThatAreMadeWhileReadingAreNotTakenForTheWatch() async throws {
        try await Shop.open { shop in
            try await shop.tell(1)
            try await Replica.open(shop) { replica in
                let notes = Notes<Int64>()
                let watch = Task {
                    try await shop.watch(replica.peers, after: 0, notes) {
                        _ = try await replica.peers.notifications.getUserNotifications(.with { $0.userID = 7 })
                    }
                }
                try await eventually("it has called") { notes.all == [1] }
                watch.cancel()
                _ = await watch.result
                try await eventually("it has ended") { replica.feed.followers == 0 }
            }
        }
    }

    @Test func whatIsMalformedOrAnothersIsRefused() async throws {
        try await Shop.open { shop in
            let notes = Notes<Int64>()
            #expect(
                try await refusal { try await shop.watch(shop.peers, as: 8, after: 0, notes) }
                    == "permission_denied not_owner")
            #expect(
                try await refusal { try await shop.watch(shop.peers, after: -1, notes) }
                    == "invalid_argument invalid_after")
            try await shop.tell(1)
            let watch = Task { try await shop.watch(shop.peers, as: 1, .admin, after: 0, notes) }
            try await eventually("an admin may watch") { notes.all == [1] }
            watch.cancel()
            _ = await watch.result
        }
    }
}

/// A further server of notifications on the shop's database, which looks only when it is woken.
private struct Replica {
    let peers: Peers
    let feed: NotificationFeed

    static func open(_ shop: Shop, _ body: (Replica) async throws -> Void) async throws {
        let store = NotificationStore(database: shop.customersDB)
        let feed = NotificationFeed(store: store, lookInterval: .seconds(3_600))
        let peers = try Peers(local: [.customers])
        let assembly = RoleAssembly(
            .customers, rpcServices: [NotificationsService(store: store, feed: feed)],
            background: [feed.subscription(broker: shop.broker, logger: testLogger)])
        let host = RoleHost([assembly], peers: peers, verifier: shop.verifier, options: .init(), logger: testLogger)
        let running = Task { try await host.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(Replica(peers: peers, feed: feed))) } catch { result = .failure(error) }
        await host.stop()
        try await running.value
        try result.get()
    }
}

extension Shop {
    /// Has user 7 told of an order.
    fileprivate func tell(_ order: Int64) async throws {
        try await announce([try Self.message(OrderEvent.rejected, NotificationTests.order(order))])
        try await eventually("order \(order) was told") {
            try await number("SELECT count(*) FROM notifications WHERE order_id = \(order)", customersDB) == 1
        }
    }

    /// Watches user 7's notifications and notes their sequences.
    fileprivate func watch(
        _ peers: Peers, as user: Int64 = 7, _ role: ShopRole = .customer, after: Int64?, _ notes: Notes<Int64>,
        reading: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        try await self.as(user, role) {
            try await peers.notifications.watchUserNotifications(
                .with {
                    $0.userID = 7
                    if let after { $0.after = after }
                }
            ) { response in
                for try await notification in response.messages {
                    try await reading()
                    notes.add(notification.sequence)
                }
            }
        }
    }
}
