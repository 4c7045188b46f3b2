import GRPCCore
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// Waits of commands for what becomes of an order.
enum OrderOutcome {
    /// The order as soon as it is settled, or as it was last seen when the time is over or asking fails.
    static func wait(
        for order: Orders_Order, until end: ContinuousClock.Instant, _ orders: any Orders_Orders.ClientProtocol
    ) async -> (order: Orders_Order, failure: String?) {
        var order = order
        while OrderState(rawValue: order.state)?.isUnderWay == true, ContinuousClock.now < end {
            // One call waits a minute at most.
            let left = min(end - ContinuousClock.now, .seconds(30))
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            do {
                order = try await orders.awaitOrder(
                    .with {
                        $0.id = order.id
                        $0.timeoutMilliseconds = max(1, milliseconds)
                    }, options: OperatorCaller.patience(left + .seconds(5))
                ).order
            } catch {
                return (order, Diagnosis(error).message ?? "\(error)")
            }
        }
        return (order, nil)
    }
}
