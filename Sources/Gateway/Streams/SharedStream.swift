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
        let number: UInt64
        let requests: AsyncStream<Request>.Continuation
        var conversations: [UInt64: AsyncThrowingStream<Event, any Error>.Continuation] = [:]
        /// The time when the last conversation has ended; nil while there are some.
        var idleSince: ContinuousClock.Instant?
        /// Whether somebody will look, and end it if it is idle.
        var isWatched = false
    }

    private struct State {
        var next: UInt64 = 0
        var line: Line?

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
    var count: Int { state.withLock { $0.line?.conversations.count ?? 0 } }

    /// Holds a conversation.
    ///
    /// - Parameters:
    ///   - timeout: How long it may last.
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
        let (id, requests) = enter(continuation)
        requests.yield(opening(id))
        let timer = timeout.map { timeout in
            Task {
                try await Task.sleep(for: timeout)
                continuation.finish(throwing: RPCError(code: .deadlineExceeded, message: "no answer in time"))
            }
        }
        defer {
            timer?.cancel()
            requests.yield(closing(id))
            leave(id)
        }
        return try await body(events) { make in requests.yield(make(id)) }
    }

    private func enter(
        _ continuation: AsyncThrowingStream<Event, any Error>.Continuation
    ) -> (UInt64, AsyncStream<Request>.Continuation) {
        let (id, requests, opened) = state.withLock {
            state -> (UInt64, AsyncStream<Request>.Continuation, (line: UInt64, requests: AsyncStream<Request>)?) in
            let id = state.number()
            if let requests = state.line?.requests {
                state.line?.conversations[id] = continuation
                state.line?.idleSince = nil
                return (id, requests, nil)
            }
            let (stream, requests) = AsyncStream.makeStream(of: Request.self)
            let line = Line(number: state.number(), requests: requests, conversations: [id: continuation])
            state.line = line
            return (id, requests, (line.number, stream))
        }
        if let opened {
            // Detached: the call is nobody's own, and takes no token along.
            Task.detached { await self.run(opened.line, opened.requests) }
        }
        return (id, requests)
    }

    private func leave(_ id: UInt64) {
        let unwatched = state.withLock { state -> UInt64? in
            guard let line = state.line, line.conversations[id] != nil else { return nil }
            state.line?.conversations[id] = nil
            guard line.conversations.count == 1 else { return nil }
            state.line?.idleSince = .now
            state.line?.isWatched = true
            return line.isWatched ? nil : line.number
        }
        guard let unwatched else { return }
        Task.detached { await self.endWhenIdle(unwatched) }
    }

    /// Ends the call when it has been idle for long enough; leaves it when it is in use.
    private func endWhenIdle(_ line: UInt64) async {
        var pause: Duration? = idleTime
        while let rest = pause {
            try? await Task.sleep(for: rest)
            let (next, requests) = state.withLock {
                state -> (Duration?, AsyncStream<Request>.Continuation?) in
                guard state.line?.number == line else { return (nil, nil) }
                guard let idleSince = state.line?.idleSince else {
                    state.line?.isWatched = false
                    return (nil, nil)
                }
                let rest = idleSince + idleTime - .now
                if rest > .zero { return (rest, nil) }
                defer { state.line = nil }
                return (nil, state.line?.requests)
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
            guard state.line?.number == line else { return nil }
            defer { state.line = nil }
            return state.line
        }
        left?.requests.finish()
        for conversation in left.map({ Array($0.conversations.values) }) ?? [] {
            conversation.finish(throwing: failure)
        }
    }

    private func pass(_ event: Event, _ line: UInt64) {
        let conversation = state.withLock { state in
            state.line?.number == line ? state.line?.conversations[number(event)] : nil
        }
        if case .dropped = conversation?.yield(event) {
            conversation?.finish(throwing: RPCError(code: .internalError, message: "more events than were asked for"))
        }
    }
}
