import NIOCore

/// Gives the failure to listen on an address its place among the exit statuses.
enum ListenFailure {
    static func naming(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as IOError {
            // The address itself is in the log line above.
            throw CommandFailure(
                .unreachable, "cannot listen: \(error)", hint: "another address (--<role>-listen, --admin-listen)")
        }
    }
}
