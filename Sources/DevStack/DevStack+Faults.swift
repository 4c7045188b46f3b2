import Glibc

/// Taking single servers away and bringing them back on the same port; for tests of failures.
extension DevStack {
    /// The process id of a server; `nil` if it is not running.
    public func processID(of server: ServerKind) -> Int32? { children[server]?.pid }

    /// Stops a server in an orderly way and returns when it has ended. Nothing happens if it is not running.
    public func stop(_ server: ServerKind) async { await takeDown(server, urgent: false) }

    /// Kills a server (`SIGKILL`), as a crash does, and returns when all its processes have ended.
    ///
    /// - Throws: ``DevStackError/notRunning(_:)``
    public func kill(_ server: ServerKind) async throws {
        guard let child = children.removeValue(forKey: server) else { throw DevStackError.notRunning(server) }
        let family = await offPool { ProcessTable.withDescendants([child.pid]) }
        child.send(SIGKILL)
        await child.ended()
        await awaitEnd(of: family)
    }

    /// Starts a server again, on its old port and with its old data, and returns when it answers. Nothing happens if
    /// it is running.
    ///
    /// - Throws: ``DevStackError/serverFailed(_:reason:log:tail:)``
    public func start(_ server: ServerKind) async throws {
        if let child = children[server], child.status == nil { return }
        try await bringUp(server, mayMove: false)
    }

    /// Freezes all processes of a server: its connections stay open and nothing answers, as when a host hangs.
    ///
    /// - Throws: ``DevStackError/notRunning(_:)``
    public func pause(_ server: ServerKind) async throws { try await signalFamily(of: server, SIGSTOP) }

    /// Ends a ``pause(_:)``.
    ///
    /// - Throws: ``DevStackError/notRunning(_:)``
    public func resume(_ server: ServerKind) async throws { try await signalFamily(of: server, SIGCONT) }

    private func signalFamily(of server: ServerKind, _ signal: Int32) async throws {
        guard let child = children[server], child.status == nil else { throw DevStackError.notRunning(server) }
        let family = await offPool { ProcessTable.withDescendants([child.pid]) }
        for pid in family { Glibc.kill(pid, signal) }
    }
}
