import GRPCCore

/// Whether a method changes anything.
///
/// It is told by the method's name, as for every service of the shop; a name that says nothing is one that writes.
enum CallEffect {
    private static let reading = ["Get", "List", "Search", "Watch", "Await", "Check"]

    /// Whether a call may have changed something once it was sent.
    static func writes(_ method: MethodDescriptor) -> Bool {
        !reading.contains { method.method.hasPrefix($0) }
    }
}
