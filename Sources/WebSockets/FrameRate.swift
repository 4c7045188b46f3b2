import NIOCore

/// The most that a client may send on a WebSocket: a bucket of tokens, which fills at an even pace.
///
/// A frame costs one, whatever it is: pings and fragments of nothing too.
struct FrameRate {
    private let interval: TimeAmount
    private let capacity: TimeAmount
    private let unit: Int
    /// The time when the bucket will be full again.
    private var full: NIODeadline

    init(_ options: WebSocketOptions, at now: NIODeadline) {
        interval = .nanoseconds(1_000_000_000 / Int64(max(1, options.framesPerSecond)))
        capacity = interval * Int64(max(1, options.frameBurst))
        unit = max(1, options.frameUnit)
        full = now
    }

    /// Takes what a frame costs; false if there is not enough.
    mutating func take(bytes: Int, at now: NIODeadline) -> Bool {
        let after = max(full, now) + interval * Int64(1 + bytes / unit)
        guard after - now <= capacity else { return false }
        full = after
        return true
    }
}
