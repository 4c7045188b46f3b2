import Glibc

/// Opens a TCP connection without blocking beyond a deadline.
enum SocketConnector {
    /// Tries every address of the host until one answers.
    ///
    /// Blocks the calling thread, which must be our own. `isCancelled` is asked whenever `wake` is signalled.
    /// - Throws: ``RabbitMQError`` of kind `connectionFailed`.
    static func connect(
        host: String, port: Int, until deadline: MonotonicTime, wake: WakeUp, isCancelled: () -> Bool
    ) throws(RabbitMQError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0, let first = list else {
            let reason = gai_strerror(status).map { String(cString: $0) } ?? "unknown"
            throw RabbitMQError(.connectionFailed, "\(host): \(reason)")
        }
        defer { freeaddrinfo(first) }

        var lastReason = "no address"
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let address = next {
            next = address.pointee.ai_next
            let (descriptor, reason) = attempt(address.pointee, until: deadline, wake: wake, isCancelled: isCancelled)
            if let descriptor { return descriptor }
            lastReason = reason
        }
        throw RabbitMQError(.connectionFailed, "\(host):\(port): \(lastReason)")
    }

    private static func attempt(
        _ address: addrinfo, until deadline: MonotonicTime, wake: WakeUp, isCancelled: () -> Bool
    ) -> (Int32?, String) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else { return (nil, systemErrorText(errno)) }
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return (descriptor, "") }
        var reason = errno
        if reason == EINPROGRESS || reason == EINTR {
            reason = waitUntilConnected(descriptor, until: deadline, wake: wake, isCancelled: isCancelled)
            if reason == 0 { return (descriptor, "") }
        }
        close(descriptor)
        return (nil, systemErrorText(reason))
    }

    /// Zero when connected, else why not as an `errno` value.
    private static func waitUntilConnected(
        _ descriptor: Int32, until deadline: MonotonicTime, wake: WakeUp, isCancelled: () -> Bool
    ) -> Int32 {
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
            // A signal may also mean new work, which must not be lost: it is taken after connecting in any case.
            if entries[1].revents != 0 { wake.reset() }
        }
        return ECANCELED
    }
}
