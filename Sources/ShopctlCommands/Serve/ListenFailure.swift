import Hosting

/// Gives the failure to listen on an address its place among the exit statuses.
enum ListenFailure {
    static func naming(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ListenError {
            throw CommandFailure(.unreachable, "\(error)", hint: error.remedy)
        }
    }
}
