import FoundationEssentials
import Hosting
import ShopContracts
import ShopProtos

extension Order {
    /// All that changes of an order: a state is entered once, but for those of a cancellation, and each of these has a
    /// saga of its own.
    struct Version: Sendable, Equatable {
        let state: OrderState
        let cancellationSagaID: UUID?
    }

    var version: Version { Version(state: state, cancellationSagaID: cancellationSagaID) }
}

extension Order.Version {
    /// - Throws: ``ServiceError`` if it is no version of an order.
    init(_ seen: Orders_SeenOrder) throws(ServiceError) {
        guard let state = OrderState(rawValue: seen.state) else {
            throw .invalidArgument("invalid_expected", "expected.state must be a state of an order")
        }
        let id = seen.cancellationSagaID
        let saga = UUID(uuidString: id)
        guard saga != nil || id.isEmpty else {
            throw .invalidArgument("invalid_expected", "expected.cancellation_saga_id must be a saga's id, or empty")
        }
        self.init(state: state, cancellationSagaID: saga)
    }

    /// Passes if the order still has this version.
    ///
    /// - Throws: ``ServiceError`` `precondition_failed` (ABORTED).
    func require(_ found: Order.Version, of id: Int64) throws(ServiceError) {
        guard found != self else { return }
        throw .aborted(
            "precondition_failed", "order \(id) has changed since it was read: read it again before changing it")
    }
}
