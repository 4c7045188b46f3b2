import CPostgres
import DriverSupport

/// A request to cancel what one backend is doing. Made on the connection's thread, then owned by the thread that
/// sends it: `PQcancel` connects and blocks.
final class CancelRequest: @unchecked Sendable {  // the handle changes hands whole: made by one thread, used by one
    /// The end of a request.
    struct End: Sendable {
        /// Which of the loop's connections it was for, counted from the first.
        let connection: Int
        /// The server has handled it: it cannot hit a later statement.
        let isCertain: Bool
    }

    private let cancel: OpaquePointer

    init(_ cancel: OpaquePointer) {
        self.cancel = cancel
    }

    deinit {
        PQfreeCancel(cancel)
    }

    /// Sends the request from a thread of its own and tells whether the server has taken it; false if there is no
    /// thread.
    func send(whenDone: @escaping @Sendable (_ isCertain: Bool) -> Void) -> Bool {
        let thread = try? OwningThread.start(name: "pg-cancel") {
            var message = [CChar](repeating: 0, count: 256)
            whenDone(PQcancel(self.cancel, &message, Int32(message.count)) == 1)
        }
        return thread != nil
    }
}
