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
        var refusal: ServiceError?
        var overlap: Int64 = 0
        var asked: [Int64?] = []
        var listed: [Notifications_GetUserNotificationsRequest] = []
    }

    private let state = Mutex(State())

    /// Where each stream began; nil for those from then on.
    var asked: [Int64?] { state.withLock { $0.asked } }
    /// What was asked for other than by streams.
    var listed: [Notifications_GetUserNotificationsRequest] { state.withLock { $0.listed } }
    /// How many streams are open.
    var watchers: Int { state.withLock { $0.watchers.count } }

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

    func watchUserNotifications(
        request: Notifications_WatchUserNotificationsRequest, response: RPCWriter<Notifications_Notification>,
        context: ServerContext
    ) async throws {
        try Identity.required().requireOwner(of: request.userID)
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        wake.yield()
        let (id, start) = try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            state.asked.append(request.hasAfter ? request.after : nil)
            state.next += 1
            state.watchers[state.next] = wake
            let count = Int64(state.lists[request.userID]?.count ?? 0)
            return (state.next, (request.hasAfter ? request.after : count) - state.overlap)
        }
        defer { state.withLock { $0.watchers[id] = nil } }
        var last = start
        try await withRPCCancellationHandler {
            if context.cancellation.isCancelled { wake.finish() }
            for await _ in wakes {
                let batch = try state.withLock { state in
                    if state.broken.contains(id) { throw ServiceError.unavailable("stopping", "going away") }
                    return state.lists[request.userID]?.filter { $0.sequence > last } ?? []
                }
                for notification in batch {
                    try await response.write(notification)
                    last = notification.sequence
                }
            }
        } onCancelRPC: {
            wake.finish()
        }
    }

    /// Ends all streams and begins none.
    func finish() {
        state.withLock { state in
            state.refusal = .unavailable("stopping", "going away")
            for watcher in state.watchers.values { watcher.finish() }
        }
    }
}
