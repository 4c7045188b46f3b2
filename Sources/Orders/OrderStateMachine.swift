import Hosting
import ShopContracts

/// The turns that an order can take. Each turn leads from one state to one other.
enum OrderTurn: Sendable, CaseIterable {
    /// The placement was decided for.
    case placementConfirmed
    /// The placement was decided against, or called off before it was decided.
    case placementRefused
    /// Its cancellation begins.
    case cancellationBegun
    /// The cancellation was decided for.
    case cancellationConfirmed
    /// The cancellation was decided against: the order stands.
    case cancellationRefused

    /// The only state in which it can happen; SQL guards every update with it.
    var origin: OrderState {
        switch self {
        case .placementConfirmed, .placementRefused: .pending
        case .cancellationBegun: .confirmed
        case .cancellationConfirmed, .cancellationRefused: .cancelling
        }
    }

    /// The state it leads to.
    var target: OrderState {
        switch self {
        case .placementConfirmed, .cancellationRefused: .confirmed
        case .placementRefused: .rejected
        case .cancellationBegun: .cancelling
        case .cancellationConfirmed: .cancelled
        }
    }
}

/// The life of an order as a pure function.
enum OrderStateMachine {
    /// The state after a turn.
    ///
    /// - Throws: ``ServiceError`` ABORTED, naming the state, if the turn cannot happen in it: `order_not_cancellable`
    ///   for a cancellation, `order_already_decided` for what only sagas do.
    static func state(after turn: OrderTurn, in state: OrderState) throws(ServiceError) -> OrderState {
        guard state == turn.origin else {
            switch turn {
            case .cancellationBegun:
                let standing =
                    switch state {
                    case .cancelled, .cancelling: "\(state.rawValue) already"
                    case .pending, .confirmed, .rejected: "\(state.rawValue) and cannot be cancelled"
                    }
                throw .aborted("order_not_cancellable", "the order is \(standing)")
            case .placementConfirmed, .placementRefused, .cancellationConfirmed, .cancellationRefused:
                throw .aborted("order_already_decided", "the order is \(state.rawValue) already")
            }
        }
        return turn.target
    }
}
