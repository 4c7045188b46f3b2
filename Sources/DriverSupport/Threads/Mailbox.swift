import Glibc
public import Synchronization

/// The things that tasks and other threads leave for an owning thread, under a lock, with the means to wake it.
///
/// The owner looks with ``take(_:)``, works, and sleeps with ``wait(alsoOn:for:until:)``. Nothing is slept over: a
/// post that came after the last look ends the wait at once. An owner that is awake costs a post no system call.
public final class Mailbox<Contents: Sendable>: Sendable {
    @usableFromInline
    struct State: Sendable {
        @usableFromInline
        var contents: Contents
        /// Something was posted since the owner looked.
        @usableFromInline
        var hasNews = false
        /// The owner waits, or is about to: it must be woken.
        @usableFromInline
        var isAsleep = false

        @usableFromInline
        init(_ contents: Contents) { self.contents = contents }
    }

    @usableFromInline
    let state: Mutex<State>

    /// Wakes the owner for what is not in here. Must be opened before the owner waits.
    public let wake: WakeUp

    @inlinable
    public init(_ contents: Contents, wake: WakeUp = WakeUp()) {
        state = Mutex(State(contents))
        self.wake = wake
    }

    /// Changes the contents and has the owner look.
    @inlinable
    public func post<Result: Sendable, Failure: Error>(
        _ change: (inout Contents) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (result, mustWake) = try state.withLock { state throws(Failure) in
            let result = try change(&state.contents)
            state.hasNews = true
            defer { state.isAsleep = false }
            return (result, state.isAsleep)
        }
        if mustWake { wake.signal() }
        return result
    }

    /// Reads or changes the contents in a way that gives the owner nothing to do.
    @inlinable
    public func withContents<Result: Sendable, Failure: Error>(
        _ body: (inout Contents) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.withLock { state throws(Failure) in try body(&state.contents) }
    }

    // MARK: For the owner

    /// Looks at all that was posted.
    @inlinable
    public func take<Result: Sendable>(_ body: (inout Contents) -> Result) -> Result {
        state.withLock { state in
            state.hasNews = false
            state.isAsleep = false
            return body(&state.contents)
        }
    }

    /// Waits for a post, a signal, events of another descriptor (none if negative), or the moment; for ever without
    /// one. Not at all if something was posted since the last look.
    ///
    /// - Returns: The other descriptor's events.
    @discardableResult
    package func wait(
        alsoOn other: Int32 = -1, for events: Int32 = POLLIN, until moment: MonotonicTime? = nil
    ) -> Int32 {
        let mustLook = state.withLock { state in
            state.isAsleep = !state.hasNews
            return state.hasNews
        }
        return mustLook ? wake.look(at: other, for: events) : wake.wait(alsoOn: other, for: events, until: moment)
    }
}
