import HTTPTypes
import Metrics
import Synchronization

/// Metrics of the time that requests take and of how many are under way. The label is a route's pattern, never a path,
/// so that clients cannot make new series.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private static let knownMethods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let active = Meter(label: "http_server_active_requests")
    private let timers = Mutex<[Key: Timer]>([:])

    func started() {
        active.increment()
    }

    func finished(method: HTTPRequest.Method, route: String?, status: Int, duration: Duration) {
        active.decrement()
        let key = Key(
            method: Self.knownMethods.contains(method.rawValue) ? method.rawValue : "other",
            route: route ?? "none",
            status: status)
        let timer = timers.withLock { timers in
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: "http_server_request_duration",
                dimensions: [("method", key.method), ("route", key.route), ("status", String(key.status))])
            timers[key] = timer
            return timer
        }
        timer.record(duration: duration)
    }
}
