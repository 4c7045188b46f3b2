import NIOCore

/// Calls that may be broken off at once on one connection to a server.
///
/// A server closes a connection, with all calls on it, on which more than 200 are broken off within 30 seconds
/// (CVE-2023-44487). Half of them are given out here; the rest is for those that cannot wait.
final class ResetBudget: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    static let limit = 100
    static let window = TimeAmount.seconds(30)

    /// The last ones, in a ring.
    private var times: [NIODeadline] = []
    private var oldest = 0

    /// Adds one to a connection that is being made.
    static func add(to connection: any Channel) -> EventLoopFuture<Void> {
        connection.eventLoop.makeCompletedFuture {
            try connection.pipeline.syncOperations.addHandler(ResetBudget(), position: .first)
        }
    }

    /// The budget of a stream's connection.
    static func of(_ stream: any Channel) throws -> ResetBudget? {
        try stream.parent?.pipeline.syncOperations.handler(type: ResetBudget.self)
    }

    /// Takes one from the budget.
    ///
    /// - Returns: Whether there was one left.
    func take(at now: NIODeadline = .now()) -> Bool {
        guard times.count == Self.limit else {
            times.append(now)
            return true
        }
        guard now - times[oldest] >= Self.window else { return false }
        times[oldest] = now
        oldest = (oldest + 1) % Self.limit
        return true
    }
}
