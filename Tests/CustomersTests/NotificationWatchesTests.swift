import Events
import GRPCCore
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers

/// Many users' notifications over one call.
@Suite(.serialized) struct NotificationWatchesTests {
    /// One call, on which a test says what it likes.
    private struct Line: Sendable {
        let events = Notes<Notifications_WatchNotificationsResponse>()
        let requests: AsyncStream<Notifications_WatchNotificationsRequest>.Continuation

        func subscribe(_ id: UInt64, _ user: Int64, token: String, after: Int64? = 0, credit: UInt32) {
            requests.yield(
                .with {
                    $0.id = id
                    $0.subscribe = .with {
                        $0.token = token
                        $0.userID = user
                        if let after { $0.after = after }
                        $0.credit = credit
                    }
                })
        }

        func credit(_ id: UInt64, _ more: UInt32) {
            requests.yield(
                .with {
                    $0.id = id
                    $0.credit = more
                })
        }

        func unsubscribe(_ id: UInt64) {
            requests.yield(
                .with {
                    $0.id = id
                    $0.unsubscribe = true
                })
        }

        func sequences(_ id: UInt64) -> [Int64] {
            events.all.filter { $0.id == id && $0.notification.sequence > 0 }.map(\.notification.sequence)
        }

        func failure(_ id: UInt64) -> String? {
            events.all.first { $0.id == id && !$0.failure.reason.isEmpty }?.failure.reason
        }

        static func open(_ shop: Shop, _ body: (Line) async throws -> Void) async throws {
            let (stream, requests) = AsyncStream.makeStream(of: Notifications_WatchNotificationsRequest.self)
            let line = Line(requests: requests)
            let call = Task {
                try await shop.peers.notifications.watchNotifications { writer in
                    for await request in stream { try await writer.write(request) }
                } onResponse: { response in
                    for try await event in response.messages { line.events.add(event) }
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(line)) } catch { result = .failure(error) }
            requests.finish()
            // It ends well when its caller has nothing more to say.
            try await call.value
            try result.get()
        }
    }

    private func token(_ shop: Shop, _ user: Int64, _ role: ShopRole = .customer) async throws -> String {
        try await shop.issuer.issue(subject: user, role: role, ttl: .seconds(600)).token
    }

    /// Has user 7, who buys, told of orders.
    private func tell(_ shop: Shop, _ orders: ClosedRange<Int64>) async throws {
        try await shop.announce(try orders.map { try Shop.message(OrderEvent.rejected, NotificationTests.order($0)) })
        try await eventually("they were told") {
            try await shop.number(
                "SELECT count(*) FROM notifications WHERE order_id BETWEEN \(orders.lowerBound) AND \(orders.upperBound)",
                shop.customersDB) == Int64(orders.count)
        }
    }

    @Test func aSlowSubscriberGetsNoMoreThanItTakesAndHoldsUpNobody() async throws {
        try await Shop.open { shop in
            try await tell(shop, 1...50)
            let own = try await token(shop, 7)
            try await Line.open(shop) { line in
                line.subscribe(1, 7, token: own, credit: 3)
                try await eventually("it has what it takes") { line.sequences(1) == [1, 2, 3] }
                line.subscribe(2, 7, token: own, after: 10, credit: 100)
                try await eventually("the other has all") { line.sequences(2) == Array(11...50) }
                try await tell(shop, 51...60)
                try await eventually("and goes on") { line.sequences(2) == Array(11...60) }
                #expect(line.sequences(1) == [1, 2, 3])
                line.credit(1, 2)
                try await eventually("it gets on") { line.sequences(1) == [1, 2, 3, 4, 5] }
                // However much a caller says it takes, what waits for it is bounded.
                for _ in 0..<10 { line.credit(1, .max) }
                try await eventually("it has all") { line.sequences(1) == Array(1...60) }
            }
        }
    }

    @Test func eachSubscriberIsWhoTheirOwnTokenSays() async throws {
        try await Shop.open { shop in
            try await tell(shop, 1...1)
            let (own, other, admin) = (
                try await token(shop, 7), try await token(shop, 8), try await token(shop, 1, .admin)
            )
            try await Line.open(shop) { line in
                line.subscribe(1, 7, token: own, credit: 10)
                line.subscribe(2, 7, token: other, credit: 10)
                line.subscribe(3, 7, token: own + "x", credit: 10)
                line.subscribe(4, 7, token: "", credit: 10)
                line.subscribe(5, 0, token: own, credit: 10)
                line.subscribe(6, 7, token: own, after: -1, credit: 10)
                line.subscribe(7, 7, token: admin, credit: 10)
                try await eventually("all are answered") {
                    line.sequences(1) == [1] && line.sequences(7) == [1]
                        && (2...6).allSatisfy { line.failure($0) != nil }
                }
                #expect(
                    (2...6).map { line.failure($0) } == [
                        "not_owner", "token_bad_signature", "token_malformed", "invalid_user_id", "invalid_after",
                    ])
                // A number in use is not taken twice; freed, it may be anew.
                line.subscribe(1, 7, token: own, credit: 10)
                try await eventually("it is refused") { line.failure(1) == "too_many_subscriptions" }
                line.unsubscribe(2)
                line.subscribe(2, 7, token: own, credit: 10)
                try await eventually("it is served") { line.sequences(2) == [1] }
            }
        }
    }

    @Test func aSubscriptionBeginsWhereItSays() async throws {
        try await Shop.open { shop in
            try await tell(shop, 1...3)
            let own = try await token(shop, 7)
            try await Line.open(shop) { line in
                line.subscribe(1, 7, token: own, after: nil, credit: 10)
                try await eventually("it has begun") { line.events.all.first?.ready.after == 3 }
                try await tell(shop, 4...4)
                try await eventually("it goes on") { line.sequences(1) == [4] }
                line.unsubscribe(1)
                line.subscribe(2, 7, token: own, after: 4, credit: 10)
                try await eventually("the other has begun") { line.events.all.contains { $0.id == 2 } }
                try await tell(shop, 5...5)
                try await eventually("it goes on") { line.sequences(2) == [5] }
                #expect(line.sequences(1) == [4])
            }
        }
    }

    private struct Discarding: RPCWriterProtocol {
        func write(_ element: Notifications_WatchNotificationsResponse) async throws {}
        func write(contentsOf elements: some Sequence<Notifications_WatchNotificationsResponse>) async throws {}
    }

    @Test(.timeLimit(.minutes(5))) func aCallWithoutASubscriptionOfSomebodyKnownEnds() async throws {
        try await Shop.open { shop in
            let (stream, requests) = AsyncThrowingStream.makeStream(of: Notifications_WatchNotificationsRequest.self)
            requests.yield(.with { $0.subscribe = .with { $0.userID = 7 } })
            let watches = NotificationWatches(
                feed: NotificationFeed(store: NotificationStore(database: shop.customersDB)),
                response: RPCWriter(wrapping: Discarding()), patience: .milliseconds(1))
            try await watches.run(RPCAsyncSequence(wrapping: stream))
            withExtendedLifetime(requests) {}
        }
    }

    /// What waits for a caller of the same process is bounded even where it does not say what it takes.
    @Test func anOldWatchWithinTheProcessEndsAfterSoMany() async throws {
        try await Shop.open { shop in
            let limit = NotificationsService.localWatchLimit
            for start in stride(from: 1, through: limit + 50, by: 210) { try await tell(shop, start...start + 209) }
            let notes = Notes<Int64>()
            let hasEnded = Notes<Bool>()
            let watch = Task {
                try await shop.as(7) {
                    try await shop.peers.notifications.watchUserNotifications(
                        .with {
                            $0.userID = 7
                            $0.after = 0
                        }
                    ) { response in
                        for try await notification in response.messages { notes.add(notification.sequence) }
                    }
                }
                hasEnded.add(true)
            }
            defer { watch.cancel() }
            try await eventually("it has ended") { !hasEnded.all.isEmpty }
            #expect(notes.all == Array(1...limit))
        }
    }
}
