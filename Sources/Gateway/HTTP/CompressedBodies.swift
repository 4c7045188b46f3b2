import NIOCore
import Synchronization

/// The gzip forms of bodies that were asked for so, by the bodies' tags: each is compressed once, however often it is
/// sent. What has changed has another tag.
final class CompressedBodies: Sendable {
    private struct State {
        /// Nil for a body that does not get shorter.
        var kept: [String: ByteBuffer?] = [:]
        var byteCount = 0
    }

    /// The bytes that a form takes besides its bytes: tag, place in the table.
    private static let overhead = 256

    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameter byteLimit: The most bytes of all forms together.
    init(byteLimit: Int = 8 << 20) {
        self.byteLimit = byteLimit
    }

    /// The gzip form of the body with that strong tag; nil if it would not be shorter.
    ///
    /// - Parameter body: Asked for where it is not known yet.
    /// - Throws: What `body` throws.
    func gzip(_ tag: String, of body: () async throws -> ByteBuffer) async rethrows -> ByteBuffer? {
        if let known = state.withLock({ $0.kept[tag] }) { return known }
        let compressed = Gzip.compress(try await body())
        let size = (compressed?.readableBytes ?? 0) + Self.overhead
        guard size <= byteLimit / 8 else { return compressed }
        state.withLock { state in
            guard state.kept[tag] == nil else { return }
            // Simpler than choosing: what is asked for is soon there again.
            if state.byteCount + size > byteLimit { state = State() }
            state.kept[tag] = .some(compressed)
            state.byteCount += size
        }
        return compressed
    }
}
