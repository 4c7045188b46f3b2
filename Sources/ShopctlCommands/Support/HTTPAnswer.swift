import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A whole answer over HTTP.
struct HTTPAnswer: Sendable {
    let status: UInt
    let headers: HTTPHeaders
    let body: ByteBuffer

    /// Asks, and has the answer in that many seconds or not at all: the client's own timeout ends with the answer's head,
    /// and a body may take for ever.
    ///
    /// - Parameter limit: The most bytes of a body.
    /// - Throws: `HTTPClientError.deadlineExceeded`, and what the client throws.
    static func to(
        _ request: HTTPClientRequest, within seconds: Int64, upTo limit: Int = 1 << 20
    ) async throws -> HTTPAnswer {
        try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(seconds))
                let body = try await response.body.collect(upTo: limit)
                // A body that is given up ends like one that is whole.
                try Task.checkCancellation()
                return HTTPAnswer(status: response.status.code, headers: response.headers, body: body)
            }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw HTTPClientError.deadlineExceeded
            }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }
}
