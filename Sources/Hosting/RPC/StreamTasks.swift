import Synchronization

/// The tasks of a stream that carries many conversations, each with a number of its caller's, and with something that
/// belongs to it.
///
/// One that has ended has given its number back. A stream costs its caller nothing, not even a token: one that has carried
/// no conversation of anybody who may hold it for some time is ended.
public final class StreamTasks<Attachment: Sendable>: Sendable {
    /// A conversation under way.
    public struct Conversation: Sendable {
        fileprivate let tasks: StreamTasks
        fileprivate let number: UInt64
        fileprivate let serial: UInt64

        /// Notes that its caller may hold it.
        public func admit() { tasks.admit(self) }
    }

    private struct Entry {
        let serial: UInt64
        let attachment: Attachment
        let task: Task<Void, Never>
        var isAdmitted = false
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var lastSerial: UInt64 = 0
        var admitted = 0
        /// The time since when no conversation was one that may be held; nil while there are such.
        var unusedSince: ContinuousClock.Instant? = .now

        mutating func remove(_ number: UInt64) -> Task<Void, Never>? {
            guard let entry = entries.removeValue(forKey: number) else { return nil }
            if entry.isAdmitted {
                admitted -= 1
                if admitted == 0 { unusedSince = .now }
            }
            return entry.task
        }
    }

    private let limit: Int
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: The most conversations at a time.
    ///   - patience: How long a stream is kept, at least, without one that may be held.
    public init(limit: Int, patience: Duration) {
        self.limit = limit
        self.patience = patience
    }

    /// The number of conversations under way.
    var count: Int { state.withLock { $0.entries.count } }

    /// Runs what reads the stream until it ends, or the stream is of no use; then all conversations are cancelled.
    public func serve(_ reading: @escaping @Sendable () async throws -> Void) async throws {
        defer { cancelAll() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: reading)
            group.addTask { await self.untilUnused() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Starts a conversation, unless the number is in use or there are too many.
    ///
    /// - Returns: Whether it was started.
    public func start(
        _ number: UInt64, with attachment: Attachment,
        _ body: @escaping @Sendable (Conversation) async -> Void
    ) -> Bool {
        state.withLock { state in
            guard state.entries[number] == nil, state.entries.count < limit else { return false }
            state.lastSerial += 1
            let conversation = Conversation(tasks: self, number: number, serial: state.lastSerial)
            let task = Task {
                await body(conversation)
                self.end(conversation)
            }
            state.entries[number] = Entry(serial: conversation.serial, attachment: attachment, task: task)
            return true
        }
    }

    /// What belongs to a conversation; nil if it is not under way.
    public subscript(_ number: UInt64) -> Attachment? { state.withLock { $0.entries[number]?.attachment } }

    /// Cancels a conversation and frees its number.
    public func stop(_ number: UInt64) {
        state.withLock { $0.remove(number) }?.cancel()
    }

    private func admit(_ conversation: Conversation) {
        state.withLock { state in
            guard var entry = state.entries[conversation.number], entry.serial == conversation.serial,
                !entry.isAdmitted
            else { return }
            entry.isAdmitted = true
            state.entries[conversation.number] = entry
            state.admitted += 1
            state.unusedSince = nil
        }
    }

    private func end(_ conversation: Conversation) {
        state.withLock { state in
            // Its number may be another's by now.
            guard state.entries[conversation.number]?.serial == conversation.serial else { return }
            _ = state.remove(conversation.number)
        }
    }

    private func untilUnused() async {
        while !Task.isCancelled {
            let unused = state.withLock { $0.unusedSince }.map { ContinuousClock.now - $0 } ?? .zero
            if unused >= patience { return }
            try? await Task.sleep(for: patience - unused)
        }
    }

    private func cancelAll() {
        let entries = state.withLock { state in
            defer { state.entries = [:] }
            return state.entries
        }
        for entry in entries.values { entry.task.cancel() }
    }
}
