import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf
import Synchronization

/// A small service with the notifications' wire, whose streams break when a test wants them to.
final class NotificationsStub: Notifications_Notifications.SimpleServiceProtocol {
    private struct State {
        var lists: [Int64: [Notifications_Notification]] = [:]
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
        var broken: Set<Int> = []
        /// Users whose stream has more for them than they take.
        var withoutCredit: Set<Int64> = []
        var refusal: ServiceError?
        var overlap: Int64 = 0
        var asked: [Int64?] = []
        var calls = 0
        var listed: [Notifications_GetUserNotificationsRequest] = []
    }

    private let state = Mutex(State())

    /// Where each stream began; nil for those from then on.
    var asked: [Int64?] { state.withLock { $0.asked } }
    /// What was asked for other than by streams.
    var listed: [Notifications_GetUserNotificationsRequest] { state.withLock { $0.listed } }
    /// How many calls have carried streams.
    var calls: Int { state.withLock { $0.calls } }
    /// How many streams are open.
    var watchers: Int { state.withLock { $0.watchers.count } }

    /// Whether a user's stream has more for them than they have said to take.
    func hasNoCredit(_ userID: Int64) -> Bool { state.withLock { $0.withoutCredit.contains(userID) } }

    func write(_ userID: Int64, _ count: Int = 1, text: String = "A text.") {
        state.withLock { state in
            for _ in 0..<count {
                let sequence = Int64(state.lists[userID, default: []].count) + 1
                state.lists[userID, default: []].append(
                    .with {
                        $0.userID = userID
                        $0.sequence = sequence
                        $0.kind = "order_confirmed"
                        $0.text = text
                        $0.orderID = 12
                        $0.date = "2026-11-25"
                        $0.time = "15:51:32"
                        $0.createdAt = "2026-11-25T15:51:32Z"
                    })
            }
            for watcher in state.watchers.values { watcher.yield() }
        }
    }

    /// Breaks every open stream.
    func breakOff() {
        state.withLock { state in
            state.broken.formUnion(state.watchers.keys)
            for watcher in state.watchers.values { watcher.yield() }
        }
    }

    /// Refuses all further calls, or none.
    func refuse(_ error: ServiceError?) { state.withLock { $0.refusal = error } }

    /// Has each stream begin with some notifications that the caller has.
    func overlap(by count: Int64) { state.withLock { $0.overlap = count } }

    func getUserNotifications(
        request: Notifications_GetUserNotificationsRequest, context: ServerContext
    ) async throws -> Notifications_GetUserNotificationsResponse {
        try Identity.required().requireOwner(of: request.userID)
        return try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            state.listed.append(request)
            let all = state.lists[request.userID] ?? []
            return .with {
                $0.notifications = all.filter { $0.sequence > request.after }
                $0.lastSequence = Int64(all.count)
            }
        }
    }

    /// The gateway asks for all its sessions over one call.
    func watchUserNotifications(
        request: Notifications_WatchUserNotificationsRequest, response: RPCWriter<Notifications_Notification>,
        context: ServerContext
    ) async throws {
        throw ServiceError.unimplemented("unimplemented", "nobody asks so")
    }

    func watchNotifications(
        request: RPCAsyncSequence<Notifications_WatchNotificationsRequest, any Error>,
        response: RPCWriter<Notifications_WatchNotificationsResponse>, context: ServerContext
    ) async throws {
        state.withLock { $0.calls += 1 }
        try await untilCallIsOver(context) { [self] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                var watches: [UInt64: Watch] = [:]
                for try await message in request {
                    switch message.action {
                    case .subscribe(let subscription):
                        let watch = Watch(id: message.id, credit: Int(subscription.credit))
                        watches[message.id] = watch
                        let identity = try await Identity.verify(subscription.token)
                        try identity.requireOwner(of: subscription.userID)
                        group.addTask { try await self.follow(subscription, watch, response) }
                    case .credit(let more):
                        watches[message.id]?.credit.withLock { $0 += Int(more) }
                        watches[message.id]?.wake.yield()
                    case .unsubscribe:
                        watches.removeValue(forKey: message.id)?.wake.finish()
                    case nil: break
                    }
                }
                group.cancelAll()
            }
        }
    }

    private final class Watch: Sendable {
        let id: UInt64
        let credit: Mutex<Int>
        let wakes: AsyncStream<Void>
        let wake: AsyncStream<Void>.Continuation

        init(id: UInt64, credit: Int) {
            self.id = id
            self.credit = Mutex(credit)
            (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        }

        func take() -> Bool {
            credit.withLock { credit in
                guard credit > 0 else { return false }
                credit -= 1
                return true
            }
        }
    }

    private func follow(
        _ request: Notifications_WatchSubscription, _ watch: Watch,
        _ response: RPCWriter<Notifications_WatchNotificationsResponse>
    ) async throws {
        watch.wake.yield()
        let (id, start, refusal) = state.withLock { state -> (Int, Int64, ServiceError?) in
            if let refusal = state.refusal { return (0, 0, refusal) }
            state.asked.append(request.hasAfter ? request.after : nil)
            state.next += 1
            state.watchers[state.next] = watch.wake
            let count = Int64(state.lists[request.userID]?.count ?? 0)
            return (state.next, (request.hasAfter ? request.after : count) - state.overlap, nil)
        }
        if let refusal { return try await fail(watch.id, refusal, response) }
        defer { state.withLock { $0.watchers[id] = nil } }
        var last = start
        for await _ in watch.wakes {
            let (batch, isBroken) = state.withLock { state in
                (state.lists[request.userID]?.filter { $0.sequence > last } ?? [], state.broken.contains(id))
            }
            if isBroken { return try await fail(watch.id, .unavailable("stopping", "going away"), response) }
            for notification in batch {
                let hasCredit = watch.take()
                state.withLock { state in
                    if hasCredit {
                        state.withoutCredit.remove(request.userID)
                    } else {
                        state.withoutCredit.insert(request.userID)
                    }
                }
                guard hasCredit else { break }
                try await response.write(
                    .with {
                        $0.id = watch.id
                        $0.notification = notification
                    })
                last = notification.sequence
            }
        }
    }

    private func fail(
        _ id: UInt64, _ error: ServiceError, _ response: RPCWriter<Notifications_WatchNotificationsResponse>
    ) async throws {
        try await response.write(
            .with {
                $0.id = id
                $0.failure = .with {
                    $0.code = error.code.rawValue
                    $0.reason = error.reason
                    $0.message = error.message
                }
            })
    }

    /// Ends all streams and begins none.
    func finish() {
        state.withLock { state in
            state.refusal = .unavailable("stopping", "going away")
            for watcher in state.watchers.values { watcher.finish() }
        }
    }
}
