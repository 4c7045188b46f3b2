import DriverSupport
import Glibc

/// Opens a TCP connection without blocking beyond a deadline.
enum SocketConnector {
    /// Connects to an address.
    ///
    /// Blocks the calling thread, which must be our own. `isCancelled` is asked whenever `wake` is signalled.
    /// - Throws: ``RabbitMQError`` of kind `connectionFailed`, naming the endpoint.
    static func connect(
        _ address: SocketAddress, of endpoint: Endpoint, until deadline: MonotonicTime, wake: WakeUp,
        isCancelled: () -> Bool
    ) throws(RabbitMQError) -> Int32 {
        do throws(SystemError) {
            let descriptor = try address.beginConnecting()
            do throws(SystemError) {
                try waitUntilConnected(descriptor, until: deadline, wake: wake, isCancelled: isCancelled)
            } catch {
                close(descriptor)
                throw error
            }
            return descriptor
        } catch {
            throw RabbitMQError(.connectionFailed, "\(endpoint): \(error)")
        }
    }

    private static func waitUntilConnected(
        _ descriptor: Int32, until deadline: MonotonicTime, wake: WakeUp, isCancelled: () -> Bool
    ) throws(SystemError) {
        while !isCancelled() {
            if deadline < .now { throw SystemError(errno: ETIMEDOUT) }
            if wake.wait(alsoOn: descriptor, for: POLLOUT, until: deadline) != 0 {
                return try SocketAddress.finishConnecting(descriptor)
            }
        }
        throw SystemError(errno: ECANCELED)
    }
}
