#if DEBUG
    import Glibc
#endif

/// The places where a crash tells whether what was promised holds: around every COMMIT, publish and acknowledgement.
///
/// A debug build with `SHOPCTL_CRASH_POINT=before-commit@saga.order-placement.vote` kills itself (`SIGKILL`) the first
/// time it is there with a message of that type: before or after the commit that writes it, its publishing, or its
/// acknowledgement. A release build has none of this.
enum CrashPoint: String {
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    case beforePublish = "before-publish"
    case afterPublish = "after-publish"
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

    #if DEBUG
        private static let chosen: (point: CrashPoint, type: String)? = {
            guard let text = getenv("SHOPCTL_CRASH_POINT").map({ String(cString: $0) }) else { return nil }
            let parts = text.split(separator: "@", maxSplits: 1)
            guard parts.count == 2, let point = CrashPoint(rawValue: String(parts[0])) else { return nil }
            return (point, String(parts[1]))
        }()
    #endif
}
