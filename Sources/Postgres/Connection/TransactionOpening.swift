import Synchronization

/// The statement that begins a transaction. It goes out with the first unit of the transaction that is sent, which only
/// the connection's thread can tell.
///
/// Units of the transaction are sent only while it is open: without its BEGIN each would commit by itself.
final class TransactionOpening: Sendable {
    /// The thing to do with a unit of the transaction.
    enum Turn {
        /// It brings the statement.
        case begins
        case goesOn
        /// Another unit has brought the statement, which is not answered yet.
        case waits
        case refused
    }

    private enum State {
        case notSent
        case underWay
        case open
        case failed
        case closed
    }

    let sql: String
    /// Whether the caller wants a transaction that cannot write.
    let isReadOnly: Bool
    private let state = Mutex(State.notSent)

    init(_ sql: String, isReadOnly: Bool) {
        self.sql = sql
        self.isReadOnly = isReadOnly
    }

    /// The error that the next unit of the transaction would be told.
    var turn: Turn { state.withLock { Self.turn($0) } }

    /// Tells what to do with a unit that is about to be sent; `.begins` only once.
    func take() -> Turn {
        state.withLock { state in
            defer { if state == .notSent { state = .underWay } }
            return Self.turn(state)
        }
    }

    private static func turn(_ state: State) -> Turn {
        switch state {
        case .notSent: .begins
        case .underWay: .waits
        case .open: .goesOn
        case .failed, .closed: .refused
        }
    }

    /// Notes the server's answer.
    func answered(isOpen: Bool) {
        state.withLock { if $0 == .underWay { $0 = isOpen ? .open : .failed } }
    }

    var hasFailed: Bool { state.withLock { $0 == .failed } }

    /// Lets no further unit out.
    ///
    /// - Returns: Whether the statement was sent.
    func close() -> Bool {
        state.withLock { state in
            defer { state = .closed }
            return state != .notSent
        }
    }
}
