import DriverSupport
import Logging

/// Says once that Redis refuses commands for a reason that lies with the server, and once that it no longer does.
struct RefusalLog {
    private struct Refusal {
        var last: MonotonicTime
        var count = 1
    }

    /// The time there must have been no refusal until it counts as over: a server at the edge of its memory refuses
    /// some writes and takes others.
    private static let quiet = Duration.seconds(10)

    private let logger: Logger
    private let server: String
    private var refusals: [String: Refusal] = [:]

    init(logger: Logger, server: String) {
        self.logger = logger
        self.server = server
    }

    /// Notes a refusal, named by the error's code.
    mutating func refused(_ code: String, _ text: String, at now: MonotonicTime) {
        if var refusal = refusals[code] {
            refusal.last = now
            refusal.count += 1
            refusals[code] = refusal
            return
        }
        refusals[code] = Refusal(last: now)
        logger.warning("redis refuses commands", metadata: ["server": "\(server)", "error": "\(text)"])
    }

    /// Notes that a command was carried out.
    mutating func carriedOut(at now: MonotonicTime) {
        if refusals.isEmpty { return }
        for (code, refusal) in refusals where refusal.last + Self.quiet <= now {
            refusals[code] = nil
            logger.notice(
                "redis no longer refuses commands",
                metadata: ["server": "\(server)", "code": "\(code)", "refused": "\(refusal.count)"])
        }
    }
}
