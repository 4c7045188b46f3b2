import Glibc

/// Opens a TCP connection without blocking beyond a deadline.
enum SocketConnector {
    /// Connects to an address.
    ///
    /// Blocks the calling thread, which must be our own. `isCancelled` is asked whenever `wake` is signalled.
    /// - Throws: ``RabbitMQError`` of kind `connectionFailed`, naming the endpoint.
    static func connect(
        _ address: SocketAddress, of endpoint: BrokerEndpoint, until deadline: MonotonicTime, wake: WakeUp,
        isCancelled: () -> Bool
    ) throws(RabbitMQError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        var reason: Int32 = 0
        if descriptor < 0 || address.connect(descriptor) != 0 { reason = errno }
        if descriptor >= 0, reason == EINPROGRESS || reason == EINTR {
            reason = waitUntilConnected(descriptor, until: deadline, wake: wake, isCancelled: isCancelled)
        }
        if reason == 0 { return descriptor }
        if descriptor >= 0 { close(descriptor) }
        throw RabbitMQError(.connectionFailed, "\(endpoint): \(systemErrorText(reason))")
    }

    /// Zero when connected, else why not as an `errno` value.
    private static func waitUntilConnected(
        _ descriptor: Int32, until deadline: MonotonicTime, wake: WakeUp, isCancelled: () -> Bool
    ) -> Int32 {
        var hasNews = false
        // A signal may also mean new work, which is looked for after connecting.
        defer { if hasNews { wake.signal() } }
        while !isCancelled() {
            if deadline < .now { return ETIMEDOUT }
            var entries = [
                pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            poll(&entries, 2, deadline.millisecondsFromNow)
            if entries[0].revents != 0 {
                var problem: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
                return problem
            }
            if entries[1].revents != 0 {
                wake.reset()
                hasNews = true
            }
        }
        return ECANCELED
    }
}
