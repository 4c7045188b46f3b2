import Hosting
import Postgres
import TestSupport
import Testing

/// What buyers notice of each fault until the next one begins, in milliseconds. It is told, and never judged: it is the
/// machine's as much as the shop's.
struct ClusterPauses: Sendable {
    let fault: String
    /// From the fault to the first acknowledgement of an order that was asked for after it.
    let untilNext: Int64
    /// The longest time in which no order was acknowledged.
    let longest: Int64
    /// The longest time from when an acknowledged order was written until its saga was over.
    let settling: Int64

    /// Measures them in a shop that has come to rest.
    static func measure(_ marks: [ClusterFaults.Mark], _ history: ChaosHistory, in shop: Shop) async throws
        -> [ClusterPauses]
    {
        let settling = try await settlingTimes(in: shop)
        let orders = history.orders.values.compactMap { order -> (asked: Instant, told: Instant, id: Int64)? in
            guard case .acknowledged(let id) = order.outcome, let told = order.acknowledged else { return nil }
            return (order.asked, told, id)
        }
        let ends = marks.dropFirst().map(\.began)
        return marks.enumerated().map { index, mark in
            let own = orders.filter { $0.told >= mark.began && (index == ends.count || $0.told < ends[index]) }
            let moments = [mark.began] + own.map { $0.told }.sorted()
            let next = orders.filter { $0.asked >= mark.began }.map { $0.told }.min()
            return ClusterPauses(
                fault: mark.fault, untilNext: next.map { mark.began.duration(to: $0).milliseconds } ?? -1,
                longest: zip(moments, moments.dropFirst()).map { $0.duration(to: $1).milliseconds }.max() ?? -1,
                settling: own.compactMap { settling[$0.id] }.max() ?? -1)
        }
    }

    private typealias Instant = ContinuousClock.Instant

    /// By the database's clock, since that is the clock of all who write there.
    private static func settlingTimes(in shop: Shop) async throws -> [Int64: Int64] {
        let database = try #require(shop.databases[.orders])
        let rows = try await database.query(
            """
            SELECT o.id, (extract(epoch FROM s.finished_at - o.created_at) * 1000)::bigint
            FROM orders o JOIN sagas s ON s.id = o.saga_id WHERE s.finished_at IS NOT NULL
            """)
        return Dictionary(
            try rows.decode((Int64, Int64).self).map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
    }

    /// A table for the documentation.
    static func table(_ rows: [ClusterPauses]) -> String {
        let head = """
            | fault | next order acknowledged | longest pause between two | longest until an order was settled |
            |---|---|---|---|
            """
        return ([head] + rows.map(\.line)).joined(separator: "\n")
    }

    private var line: String {
        "| \(fault) | \(Self.seconds(untilNext)) | \(Self.seconds(longest)) | \(Self.seconds(settling)) |"
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
