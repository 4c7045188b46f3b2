import CPostgres
import Logging

/// Writes the server's notices to the log; libpq would print them on stderr.
///
/// The error by which the server ends an idle connection comes this way too.
final class NoticeLog {
    private let logger: Logger
    /// The reason why the server ends the connection, if it does.
    private(set) var farewell: PostgresError?
    /// Tells that the commit under way, though the server will report success, would not survive the primary's loss.
    private(set) var unreplicatedCommit: PostgresError?

    init(logger: Logger) {
        self.logger = logger
    }

    static func receive(_ argument: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
        guard let argument, let result else { return }
        let log = Unmanaged<NoticeLog>.fromOpaque(argument).takeUnretainedValue()
        let notice = PostgresError(result: result)
        let state = notice.sqlState?.rawValue ?? ""
        if notice.endsConnection, notice.sqlState != nil { log.farewell = notice }
        if notice.isUnreplicatedCommit { log.unreplicatedCommit = notice }
        log.logger.debug("postgres notice", metadata: ["notice": "\(notice.message)", "sqlstate": "\(state)"])
    }
}
