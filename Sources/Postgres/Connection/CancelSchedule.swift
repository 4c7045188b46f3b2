import DriverSupport

/// The times at which to ask the server (again) to stop a statement whose caller has gone.
///
/// A request that reaches the server between two statements does nothing, so it is repeated until the statement
/// ends or patience does.
struct CancelSchedule {
    enum Step: Equatable {
        case none
        case send
        case wait(until: MonotonicTime)
        case giveUp
    }

    /// The time after the first request at which the connection is given up.
    static let patience = Duration.seconds(5)

    private var unit: ObjectIdentifier?
    private var nextRequest: MonotonicTime?
    private var end: MonotonicTime?
    private var pause = Duration.milliseconds(20)

    mutating func reset() {
        self = CancelSchedule()
    }

    /// The thing to do about this unit, which the server is working on.
    mutating func step(for cancelled: ObjectIdentifier, isRequestOnItsWay: Bool, now: MonotonicTime) -> Step {
        if unit != cancelled {
            reset()
            unit = cancelled
            end = now + Self.patience
        }
        if let end, now >= end { return .giveUp }
        if isRequestOnItsWay { return end.map { .wait(until: $0) } ?? .none }
        if let nextRequest, now < nextRequest { return .wait(until: nextRequest) }
        nextRequest = now + pause
        pause = min(pause * 2, .milliseconds(500))
        return .send
    }
}
