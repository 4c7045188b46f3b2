import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The RPCs of `notifications.Notifications`: validate, authorise, call the store.
struct NotificationsService: Notifications_Notifications.SimpleServiceProtocol {
    /// The most notifications an answer holds.
    static let pageLimit: Int64 = 1000

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
        // That the call is over is told to the call's context, not to the handler's task: a task of its own is
        // cancelled, whatever it waits for.
        let following = Task {
            try await feed.follow(request.userID, after: request.hasAfter ? request.after : nil) { batch in
                try await response.write(contentsOf: batch.map(\.message))
            }
        }
        do {
            try await withTaskCancellationHandler {
                try await withRPCCancellationHandler {
                    // A handler that comes too late is not called.
                    if context.cancellation.isCancelled { following.cancel() }
                    try await following.value
                } onCancelRPC: {
                    following.cancel()
                }
            } onCancel: {
                following.cancel()
            }
        } catch {
            guard following.isCancelled else { throw error }
        }
    }

    private static func checkAfter(_ sequence: Int64) throws(ServiceError) {
        guard sequence >= 0 else {
            throw .invalidArgument("invalid_after", "after must be a sequence number, or 0 for all")
        }
    }
}
