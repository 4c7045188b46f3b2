import Hosting
import Metrics
import Sagas

extension ServiceError {
    /// There is no such order, or none of the caller's.
    static func orderNotFound(_ id: Int64) -> ServiceError { .notFound("order_not_found", "there is no order \(id)") }
}

/// The reason why an order is not even begun: each says that nothing was ordered.
extension ServiceError {
    /// So many orders are undecided that another would wait too long.
    static let overloaded = ServiceError.unavailable(
        "overloaded", "nothing was ordered: too many orders are waiting to be settled; try again shortly"
    ).retrying(after: .seconds(5))

    /// Orders that were accepted have waited so long that another would, too.
    static let late = ServiceError.unavailable(
        "overloaded", "nothing was ordered: orders wait too long to be settled at the moment; try again shortly"
    ).retrying(after: .seconds(5))

    /// Something an order stands on failed before anything of it was written.
    static func nothingOrdered(because error: any Error) -> any Error { nothing("ordered", because: error) }
}

/// Orders that are refused before anything of them is written.
enum OrderRefusals {
    /// Counts a refusal by its cause.
    ///
    /// - Returns: The error that says so.
    static func count(_ admission: SagaBacklog.Admission) -> ServiceError {
        let isLate = admission == .late
        Counter(label: "shop_orders_refused", dimensions: [("cause", isLate ? "wait" : "backlog")]).increment()
        return isLate ? .late : .overloaded
    }
}
