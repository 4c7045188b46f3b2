import GRPCCore
import Hosting
import Synchronization

/// One call to a peer that carries any number of conversations, each with a number of its own: it is opened for the first
/// one and ends a moment after the last, so that those that come one after the other share it, too.
///
/// A conversation costs the connection no stream, so that many who wait take no other's turn.
final class SharedStream<Request: Sendable, Event: Sendable>: Sendable {
    /// Makes the call: sends what the producer writes, has the events read, and returns at its end.
    typealias Call =
        @Sendable (
            _ produce: @escaping @Sendable (RPCWriter<Request>) async throws -> Void,
            _ read: @escaping @Sendable (RPCAsyncSequence<Event, any Error>) async throws -> Void
        ) async throws -> Void

    /// Events that wait for a conversation; a peer that sends more than it was asked for ends it.
    private static var bufferLimit: Int { 1024 }

    private struct Line {
        let requests: AsyncStream<Request>.Continuation
        let task: Task<Void, Never>
        var conversations: [UInt64: AsyncThrowingStream<Event, any Error>.Continuation] = [:]
        /// The time when the last conversation has ended; nil while there are some.
        var idleSince: ContinuousClock.Instant?
        /// Whether somebody will look, and end it if it is idle.
        var isWatched = false
    }

    private struct State {
        var next: UInt64 = 0
        /// The calls under way, by their numbers.
        var lines: [UInt64: Line] = [:]
        /// The one that conversations join. Others have not answered somebody, and end with their last conversation.
        var current: UInt64?

        mutating func number() -> UInt64 {
            next += 1
            return next
        }
    }

    private let state = Mutex(State())
    private let number: @Sendable (Event) -> UInt64
    private let idleTime: Duration
    private let call: Call

    /// - Parameters:
    ///   - number: Whose an event is.
    ///   - idleTime: How long the call is kept without a conversation.
    ///   - call: Makes the call.
    init(
        number: @escaping @Sendable (Event) -> UInt64, idleTime: Duration = .milliseconds(200), call: @escaping Call
    ) {
        self.number = number
        self.idleTime = idleTime
        self.call = call
    }

    /// The number of conversations.
    var count: Int { state.withLock { $0.lines.values.reduce(0) { $0 + $1.conversations.count } } }

    /// Holds a conversation.
    ///
    /// - Parameters:
    ///   - timeout: How long it may last. One that takes longer is the last that joins its call.
    ///   - opening: The first request.
    ///   - closing: The last request, sent however the conversation ends.
    ///   - body: Reads the events, which end with an error if the call does, and sends further requests.
    /// - Throws: What the body throws.
    func converse<Result>(
        within timeout: Duration? = nil, opening: (UInt64) -> Request, closing: (UInt64) -> Request,
        _ body: (_ events: AsyncThrowingStream<Event, any Error>, _ send: (_ make: (UInt64) -> Request) -> Void)
            async throws -> Result
    ) async throws -> Result {
        let (events, continuation) = AsyncThrowingStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingOldest(Self.bufferLimit))
        let (id, line, requests) = enter(continuation)
        requests.yield(opening(id))
        let timer = timeout.map { timeout in
            Task {
                try await Task.sleep(for: timeout)
                distrust(line, after: id)
                continuation.finish(throwing: RPCError(code: .deadlineExceeded, message: "no answer in time"))
            }
        }
        defer {
            timer?.cancel()
            requests.yield(closing(id))
            leave(id, line)
        }
        return try await body(events) { make in requests.yield(make(id)) }
    }

    private func enter(
        _ continuation: AsyncThrowingStream<Event, any Error>.Continuation
    ) -> (id: UInt64, line: UInt64, requests: AsyncStream<Request>.Continuation) {
        state.withLock { state in
            let id = state.number()
            if let line = state.current, let requests = state.lines[line]?.requests {
                state.lines[line]?.conversations[id] = continuation
                state.lines[line]?.idleSince = nil
                return (id, line, requests)
            }
            let (stream, requests) = AsyncStream.makeStream(of: Request.self)
            let line = state.number()
            // Detached: the call is nobody's own, and takes no token along.
            let task = Task.detached { await self.run(line, stream) }
            state.lines[line] = Line(requests: requests, task: task, conversations: [id: continuation])
            state.current = line
            return (id, line, requests)
        }
    }

    /// Has nobody join the call any more, unless that conversation has ended.
    private func distrust(_ line: UInt64, after id: UInt64) {
        state.withLock { state in
            guard state.current == line, state.lines[line]?.conversations[id] != nil else { return }
            state.current = nil
        }
    }

    private func leave(_ id: UInt64, _ line: UInt64) {
        let (isUnwatched, distrusted) = state.withLock { state -> (Bool, Line?) in
            guard state.lines[line]?.conversations.removeValue(forKey: id) != nil,
                let left = state.lines[line], left.conversations.isEmpty
            else { return (false, nil) }
            guard state.current == line else { return (false, state.lines.removeValue(forKey: line)) }
            state.lines[line]?.idleSince = .now
            state.lines[line]?.isWatched = true
            return (!left.isWatched, nil)
        }
        distrusted?.requests.finish()
        // A peer that does not answer may not end it, either.
        distrusted?.task.cancel()
        if isUnwatched { Task.detached { await self.endWhenIdle(line) } }
    }

    /// Ends the call when it has been idle for long enough; leaves it when it is in use.
    private func endWhenIdle(_ line: UInt64) async {
        var pause: Duration? = idleTime
        while let rest = pause {
            try? await Task.sleep(for: rest)
            let (next, requests) = state.withLock {
                state -> (Duration?, AsyncStream<Request>.Continuation?) in
                guard state.current == line else { return (nil, nil) }
                guard let idleSince = state.lines[line]?.idleSince else {
                    state.lines[line]?.isWatched = false
                    return (nil, nil)
                }
                let rest = idleSince + idleTime - .now
                if rest > .zero { return (rest, nil) }
                state.current = nil
                return (nil, state.lines.removeValue(forKey: line)?.requests)
            }
            requests?.finish()
            pause = next
        }
    }

    private func run(_ line: UInt64, _ requests: AsyncStream<Request>) async {
        var failure: any Error = RPCError(code: .unavailable, message: "the peer has ended the call")
        do {
            try await call { writer in
                for await request in requests { try await writer.write(request) }
            } _: { events in
                for try await event in events { self.pass(event, line) }
            }
        } catch {
            failure = error
        }
        let left = state.withLock { state -> Line? in
            if state.current == line { state.current = nil }
            return state.lines.removeValue(forKey: line)
        }
        left?.requests.finish()
        for conversation in left.map({ Array($0.conversations.values) }) ?? [] {
            conversation.finish(throwing: failure)
        }
    }

    private func pass(_ event: Event, _ line: UInt64) {
        let conversation = state.withLock { $0.lines[line]?.conversations[number(event)] }
        if case .dropped = conversation?.yield(event) {
            conversation?.finish(throwing: RPCError(code: .internalError, message: "more events than were asked for"))
        }
    }
}
