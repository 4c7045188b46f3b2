import GRPCCore
import Hosting
import Logging
import Metrics
import ShopProtos
import SwiftProtobuf
import Synchronization
import Telemetry

/// Follows a user's notifications, without a gap or a repetition, whatever becomes of the service that has them.
struct NotificationWatch: Sendable {
    /// The taker has failed, not the service.
    private struct Undeliverable: Error {
        let cause: any Error
    }

    /// The last notification that has been delivered.
    private final class Position: Sendable {
        private let sequence: Mutex<Int64?>

        init(_ sequence: Int64?) { self.sequence = Mutex(sequence) }

        var value: Int64? { sequence.withLock { $0 } }
        func move(to value: Int64) { sequence.withLock { $0 = value } }
    }

    let notifications: any Notifications_Notifications.ClientProtocol
    /// Carries the notifications of all sessions.
    let stream: NotificationStream
    let userID: Int64
    /// The user's own, which the service checks.
    let token: String
    let delays: RetryPause.Delays
    let logger: Logger

    private let retries = Counter(label: "gateway_websocket_retries")

    init(
        notifications: any Notifications_Notifications.ClientProtocol, stream: NotificationStream, userID: Int64,
        token: String, delays: RetryPause.Delays, logger: Logger
    ) {
        self.notifications = notifications
        self.stream = stream
        self.userID = userID
        self.token = token
        self.delays = delays
        self.logger = logger
    }

    /// Runs until the task is cancelled.
    ///
    /// - Parameters:
    ///   - after: The last notification that is known; nil for those written from now on. One that is not written yet
    ///     counts as the last one that is: nothing is left out.
    ///   - begin: Is told the notification that the first one will follow; nil if the service does not tell.
    ///   - deliver: Takes them one by one; the next one is fetched when it returns.
    /// - Throws: What `begin` and `deliver` throw; a `ServiceError` that trying again does not mend.
    func run(
        after: Int64?, begin: @Sendable (Int64?) async throws -> Void,
        deliver: @escaping @Sendable (Notifications_Notification) async throws -> Void
    ) async throws {
        var pause = RetryPause(delays)
        let position = Position(try await start(after, &pause))
        try await begin(position.value)
        while true {
            let before = position.value
            let started = ContinuousClock.now
            do {
                try await watch(position, deliver)
                // The service has ended the call, as one that stops does.
            } catch {
                try endUnlessMendable(error)
            }
            if position.value != before || ContinuousClock.now - started > delays.longest {
                pause = RetryPause(delays)
            }
            try await pause.wait()
        }
    }

    /// The number to begin behind. "From now on" is fixed here: otherwise what is written while the service is away
    /// would be lost.
    private func start(_ after: Int64?, _ pause: inout RetryPause) async throws -> Int64? {
        // There is nothing before the first one.
        if after == 0 { return after }
        var request = Notifications_GetUserNotificationsRequest()
        request.userID = userID
        request.after = .max
        request.pageSize = 1
        while true {
            do {
                let answer = try await notifications.getUserNotifications(request)
                guard answer.hasLastSequence else { return after }
                return min(after ?? .max, answer.lastSequence)
            } catch {
                try endUnlessMendable(error)
            }
            try await pause.wait()
        }
    }

    /// The number of notifications that are fetched ahead of the taker.
    private static let credit: UInt32 = 32

    private func watch(
        _ position: Position, _ deliver: @escaping @Sendable (Notifications_Notification) async throws -> Void
    ) async throws {
        let subscription = Notifications_WatchSubscription.with {
            $0.token = token
            $0.userID = userID
            if let after = position.value { $0.after = after }
            $0.credit = Self.credit
        }
        try await stream.converse { id in
            .with {
                $0.id = id
                $0.subscribe = subscription
            }
        } closing: { id in
            .with {
                $0.id = id
                $0.unsubscribe = true
            }
        } _: { events, send in
            var taken: UInt32 = 0
            for try await event in events {
                switch event.event {
                case .ready, nil: continue
                case .failure(let failure): throw ServiceError(failure)
                case .notification(let notification): try await take(notification, position, deliver)
                }
                taken += 1
                guard taken >= Self.credit / 2 else { continue }
                send { [taken] id in
                    .with {
                        $0.id = id
                        $0.credit = taken
                    }
                }
                taken = 0
            }
        }
    }

    private func take(
        _ notification: Notifications_Notification, _ position: Position,
        _ deliver: @Sendable (Notifications_Notification) async throws -> Void
    ) async throws {
        // A service that repeats itself is not believed.
        if let last = position.value, notification.sequence <= last { return }
        do {
            try await deliver(notification)
        } catch {
            throw Undeliverable(cause: error)
        }
        position.move(to: notification.sequence)
    }

    /// Passes if trying again makes sense.
    private func endUnlessMendable(_ error: any Error) throws {
        if let error = error as? Undeliverable { throw error.cause }
        try Task.checkCancellation()
        let failure = ServiceError(mapping: error)
        switch failure.code {
        case .invalidArgument, .unauthenticated, .permissionDenied, .notFound, .unimplemented, .outOfRange:
            throw failure
        default:
            retries.increment()
            logger.debug(
                "notifications are asked for again",
                [.userID: .stringConvertible(userID), .error: .string(String(describing: error))])
        }
    }
}
