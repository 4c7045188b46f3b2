import RabbitMQ

#if DEBUG
    import Glibc
#endif

/// The places where a crash tells whether what was promised holds: around every COMMIT, publish and acknowledgement.
///
/// A debug build kills itself (`SIGKILL`) where the file that `SHOPCTL_CRASH_POINT_FILE` names says so, as soon as it
/// does: `before-commit@saga.order-placement.vote`, say, before or after the commit that writes a message of that type,
/// its publishing, its move, or its acknowledgement. A release build has none of this.
enum CrashPoint: String {
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    case beforePublish = "before-publish"
    case afterPublish = "after-publish"
    /// Of a message that moves: to a retry queue, to the dead letters, or from there.
    case beforeMove = "before-move"
    case afterMove = "after-move"
    case beforeAcknowledge = "before-acknowledge"
    case afterAcknowledge = "after-acknowledge"

    /// Ends the process if it was told to crash here.
    ///
    /// - Parameter types: The types of the messages that it is about.
    func reached(_ types: @autoclosure () -> [String]) {
        #if DEBUG
            guard let chosen = Self.chosen, chosen.point == self, types().contains(chosen.type) else { return }
            kill(getpid(), SIGKILL)
        #endif
    }

    /// The same, about messages as they are published.
    func reached(by messages: [RabbitMQMessage]) {
        reached(messages.compactMap(\.properties.type).map(MessageBatch.type))
    }

    #if DEBUG
        private static let file = getenv("SHOPCTL_CRASH_POINT_FILE").map { String(cString: $0) }

        /// The place that the file names now; nil if there is none.
        private static var chosen: (point: CrashPoint, type: String)? {
            guard let file else { return nil }
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = read(descriptor, &bytes, bytes.count)
            let parts = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "@", maxSplits: 1)
            guard parts.count == 2, let point = CrashPoint(rawValue: String(parts[0])) else { return nil }
            return (point, String(parts[1]))
        }
    #endif
}
