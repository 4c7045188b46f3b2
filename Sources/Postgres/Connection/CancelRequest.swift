import CPostgres

/// A request to cancel what one backend is doing. Made on the connection's thread, then owned by the thread that
/// sends it: `PQcancel` connects and blocks.
final class CancelRequest: @unchecked Sendable {  // the handle changes hands whole: made by one thread, used by one
    private let cancel: OpaquePointer

    init(_ cancel: OpaquePointer) {
        self.cancel = cancel
    }

    deinit {
        PQfreeCancel(cancel)
    }

    /// Sends the request from a thread of its own and tells when the server has taken it; false if it cannot.
    func send(whenDone: @escaping @Sendable () -> Void) -> Bool {
        DetachedThread.start(name: "pg-cancel") {
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(self.cancel, &message, Int32(message.count))
            whenDone()
        }
    }
}
