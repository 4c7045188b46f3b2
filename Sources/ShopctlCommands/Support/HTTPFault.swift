import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix

/// The words for a request by HTTP that came to nothing.
enum HTTPFault {
    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .readTimeout, .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout,
    ]

    /// - Parameter timeout: The time that it was given, in seconds.
    static func text(of error: any Error, after timeout: Int64) -> String {
        switch error {
        case let error as HTTPClientError where timeouts.contains(error): "no answer within \(timeout) s"
        case let error as HTTPClientError where [.remoteConnectionClosed, .uncleanShutdown].contains(error):
            "it has ended the connection"
        case let error as HTTPClientError: error.shortDescription
        case let error as IOError: strerror(error.errnoCode).map { String(cString: $0) } ?? "the connection failed"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { text(of: $0.error, after: timeout) }
                ?? "there is no host '\(error.host)'"
        case ChannelError.connectTimeout: "no answer within \(timeout) s"
        // The names of libraries' errors are nobody's concern.
        default: "the connection failed"
        }
    }
}
