import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPCs of `notifications.Notifications`: validate, authorise, call the store.
struct NotificationsService: Notifications_Notifications.SimpleServiceProtocol {
    /// The most notifications an answer holds.
    static let pageLimit: Int64 = 1000
    /// The most notifications that a watch from within the process gets before it has to ask again.
    static let localWatchLimit: Int64 = 1000

    let store: NotificationStore
    let feed: NotificationFeed

    func getUserNotifications(
        request: Notifications_GetUserNotificationsRequest, context: ServerContext
    ) async throws -> Notifications_GetUserNotificationsResponse {
        try RequestChecks.owner(request.userID)
        try Self.checkAfter(request.after)
        guard (0...Self.pageLimit).contains(request.pageSize) else {
            throw ServiceError.invalidArgument(
                "invalid_page_size", "page_size must be 1 to \(Self.pageLimit), or 0 for the most")
        }
        // Before the page: what is written in between is not said to have been seen.
        let last = try await store.latestSequence(of: request.userID)
        // Who names neither a place nor a size, as clients of the original do, wants to see what is new.
        let found =
            if request.after == 0, request.pageSize == 0 {
                try await store.latest(of: request.userID, limit: Self.pageLimit)
            } else {
                try await store.notifications(
                    of: request.userID, after: request.after,
                    limit: request.pageSize == 0 ? Self.pageLimit : request.pageSize)
            }
        return .with {
            $0.notifications = found.map(\.message)
            $0.lastSequence = last
        }
    }

    /// Ends well when the caller ends the call or the server stops; who still wants more asks again, behind the last
    /// sequence.
    func watchUserNotifications(
        request: Notifications_WatchUserNotificationsRequest, response: RPCWriter<Notifications_Notification>,
        context: ServerContext
    ) async throws {
        try RequestChecks.owner(request.userID)
        if request.hasAfter { try Self.checkAfter(request.after) }
        // Within the process nothing tells that a caller is slow: what waits for it is bounded by the call's end.
        let limit = context.remotePeer.hasPrefix("in-process") ? Self.localWatchLimit : .max
        try await untilCallIsOver(context) { [feed] in
            var count: Int64 = 0
            do {
                try await feed.follow(request.userID, after: request.hasAfter ? request.after : nil) { batch in
                    try await response.write(contentsOf: batch.map(\.message))
                    count += Int64(batch.count)
                    if count >= limit { throw Enough() }
                }
            } catch is Enough {
                // The caller asks again, behind the last one.
            }
        }
    }

    func watchNotifications(
        request: RPCAsyncSequence<Notifications_WatchNotificationsRequest, any Error>,
        response: RPCWriter<Notifications_WatchNotificationsResponse>, context: ServerContext
    ) async throws {
        let watches = NotificationWatches(feed: feed, response: response)
        try await untilCallIsOver(context) { try await watches.run(request) }
    }

    private struct Enough: Error {}

    static func checkAfter(_ sequence: Int64) throws(ServiceError) {
        guard sequence >= 0 else {
            throw .invalidArgument("invalid_after", "after must be a sequence number, or 0 for all")
        }
    }
}
