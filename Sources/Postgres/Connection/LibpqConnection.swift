import CPostgres
import Glibc
import Logging

/// A `PGconn` in non-blocking pipeline mode. Not Sendable: its thread alone touches it.
final class LibpqConnection {
    enum Progress {
        case waitsToRead
        case waitsToWrite
        case connected
        case failed(PostgresError)
    }

    private let connection: OpaquePointer
    private let password: String?
    private let noticeLog: Unmanaged<NoticeLog>
    private var arrays = ParameterArrays()

    /// Starts connecting with libpq's parameters. May block while a host's name is looked up.
    init?(_ parameters: [String: String], logger: Logger) {
        let keywords = parameters.keys.map { $0 }
        let values = keywords.map { parameters[$0] ?? "" }
        let started = withCStrings(keywords) { keywords in
            withCStrings(values) { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let started else { return nil }
        connection = started
        password = parameters["password"]
        noticeLog = Unmanaged.passRetained(NoticeLog(logger: logger))
        PQsetNoticeReceiver(
            connection, { argument, result in NoticeLog.receive(argument, result) }, noticeLog.toOpaque())
        // Only in its verbose form does a refused connection tell the SQLSTATE.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    }

    deinit {
        PQfinish(connection)
        noticeLog.release()
    }

    var socket: Int32 { PQsocket(connection) }
    var backendPID: Int32 { PQbackendPID(connection) }
    var errorMessage: String { ConnectionFailureText.tidied(String(cString: PQerrorMessage(connection))) }
    var isBroken: Bool { PQstatus(connection) == CONNECTION_BAD }
    /// The reason why the server has ended the connection while nothing was under way.
    var farewell: PostgresError? { noticeLog.takeUnretainedValue().farewell }
    /// The reason why what is answered next is not known to have committed, whatever the answer says.
    var unreplicatedCommit: PostgresError? { noticeLog.takeUnretainedValue().unreplicatedCommit }
    /// Outside of any transaction, with nothing under way.
    var isIdle: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }

    func initialProgress() -> Progress {
        isBroken ? .failed(connectFailure) : .waitsToWrite
    }

    func continueConnecting() -> Progress {
        switch PQconnectPoll(connection) {
        case PGRES_POLLING_READING: .waitsToRead
        case PGRES_POLLING_WRITING: .waitsToWrite
        case PGRES_POLLING_OK:
            PQsetnonblocking(connection, 1) == 0 && enterPipelineMode() ? .connected : .failed(connectFailure)
        default: .failed(connectFailure)
        }
    }

    private var connectFailure: PostgresError {
        ConnectionFailureText.error(String(cString: PQerrorMessage(connection)), password: password)
    }

    func enterPipelineMode() -> Bool { PQenterPipelineMode(connection) == 1 }
    func exitPipelineMode() -> Bool { PQexitPipelineMode(connection) == 1 }

    func sendPrepare(name: String, query: PostgresQuery) -> Bool {
        arrays.load(query.parameters)
        let count = Int32(query.parameters.count)
        return arrays.withPointers(query.parameters) { types, _, _, _ in
            PQsendPrepare(connection, name, query.sql, count, types) == 1
        }
    }

    func sendPrepared(name: String, parameters: ParameterList) -> Bool {
        if parameters.count == 0 {
            return PQsendQueryPrepared(connection, name, 0, nil, nil, nil, 1) == 1
        }
        arrays.load(parameters)
        return arrays.withPointers(parameters) { _, values, lengths, formats in
            PQsendQueryPrepared(connection, name, Int32(parameters.count), values, lengths, formats, 1) == 1
        }
    }

    func sendUnprepared(_ sql: String) -> Bool {
        PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 1) == 1
    }

    func sendUnprepared(_ query: PostgresQuery) -> Bool {
        arrays.load(query.parameters)
        let count = Int32(query.parameters.count)
        return arrays.withPointers(query.parameters) { types, values, lengths, formats in
            PQsendQueryParams(connection, query.sql, count, types, values, lengths, formats, 1) == 1
        }
    }

    /// Sends a text of several statements; only outside of pipeline mode.
    func sendScript(_ sql: String) -> Bool { PQsendQuery(connection, sql) == 1 }

    /// Ends a unit and gives everything unsent to the socket.
    func sendSync() -> Bool { PQpipelineSync(connection) == 1 }

    /// Has the kernel gather what is sent, or lets what it has gathered go; a socket that is not TCP's goes on as it is.
    ///
    /// libpq sends at each Sync: one by one these would each wake the server.
    func gather(_ isOn: Bool) {
        var value: Int32 = isOn ? 1 : 0
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Gives what is still unsent to the socket: nil on failure, else whether something is left.
    func flush() -> Bool? {
        switch PQflush(connection) {
        case 0: false
        case 1: true
        default: nil
        }
    }

    func consumeInput() -> Bool { PQconsumeInput(connection) == 1 }
    var isBusy: Bool { PQisBusy(connection) == 1 }
    func nextResult() -> OpaquePointer? { PQgetResult(connection) }

    /// Ends a COPY that a script began.
    func refuseCopyIn() { PQputCopyEnd(connection, "COPY FROM STDIN is not supported") }

    func nextNotification() -> (channel: String, payload: String)? {
        guard let notification = PQnotifies(connection) else { return nil }
        defer { PQfreemem(notification) }
        return (String(cString: notification.pointee.relname), String(cString: notification.pointee.extra))
    }

    /// Makes a request to cancel what the server is doing, for another thread to send.
    func makeCancelRequest() -> CancelRequest? {
        PQgetCancel(connection).map { CancelRequest($0) }
    }
}

/// Lends the strings as a NULL-terminated array of C strings.
private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R
) -> R {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        bytes.append(contentsOf: string.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        var pointers: [UnsafePointer<CChar>?] = offsets.map { buffer.baseAddress?.advanced(by: $0) }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
