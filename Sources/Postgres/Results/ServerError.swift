import CPostgres

extension PostgresError {
    /// Reads the server's error out of a failed result; nil sqlState means that libpq made it up.
    init(result: OpaquePointer) {
        func field(_ code: Int32) -> String? {
            PQresultErrorField(result, code).map { String(cString: $0) }
        }
        guard let code = field(pg_diag_sqlstate) else {
            self.init(
                .connection, ConnectionFailureText.tidied(String(cString: PQresultErrorMessage(result))),
                isRetryable: false)
            endsConnection = true
            return
        }
        let state = SQLState(rawValue: code)
        self.init(.server, field(pg_diag_message_primary) ?? "unknown error", sqlState: state)
        detail = field(pg_diag_message_detail)
        hint = field(pg_diag_message_hint)
        schema = field(pg_diag_schema_name)
        table = field(pg_diag_table_name)
        column = field(pg_diag_column_name)
        constraint = field(pg_diag_constraint_name)
        position = field(pg_diag_statement_position).flatMap { Int($0) }
        // The message is translated, the name of the server's function is not.
        isStalePlan = state == .featureNotSupported && field(pg_diag_source_function) == "RevalidateCachedQuery"
        isUnreplicatedCommit = field(pg_diag_source_function) == "SyncRepWaitForLSN"
        isRetryable = state == .serializationFailure || state == .deadlockDetected || isStalePlan
        if state == .queryCanceled { kind = .timeout }
        let severity = field(pg_diag_severity_nonlocalized)
        if severity == "FATAL" || severity == "PANIC" {
            kind = .connection
            endsConnection = true
        }
    }
}
