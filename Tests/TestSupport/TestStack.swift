import DevStack
import Glibc
public import Logging
import Synchronization

/// The private servers all suites of a test run share: started at first use, ended when the process ends.
///
/// `SHOPCTL_TEST_STACK=FILE` names the state file (or the directory) of a stack that is already running, which is
/// then used and left alone; a run begins in milliseconds instead of seconds.
public enum TestStack {
    private static let starting = Mutex<Task<Handle, any Error>?>(nil)
    /// For the exit handler, which can be given nothing.
    private static let owned = Mutex<DevStack?>(nil)

    /// The run's stack; all callers get the same one, and the first ones wait until it is started.
    ///
    /// - Throws: `DevStackError`
    public static func shared() async throws -> Handle {
        let task = starting.withLock { current in
            if let current { return current }
            // Detached: the first caller's cancellation must not take the servers from all others.
            let task = Task.detached { try await start() }
            current = task
            return task
        }
        return try await task.value
    }

    private static func start() async throws -> Handle {
        if let path = getenv("SHOPCTL_TEST_STACK").map({ String(cString: $0) }), !path.isEmpty {
            let suffix = "/state.json"
            let directory = path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : path
            let handle = try Handle(state: DevStack.state(directory: directory))
            try await handle.removeLeftovers()
            return handle
        }
        let stack = try await DevStack.start(DevStackOptions(ephemeral: true), logger: testLogger)
        owned.withLock { $0 = stack }
        // The watchdog would do the same a moment later; this way nothing is left when the run's exit is seen.
        atexit { TestStack.owned.withLock { $0 }?.stopAtExit() }
        return try Handle(state: stack.state)
    }
}

/// The logger of what supports the tests: warnings and worse, on standard error.
public let testLogger: Logger = {
    var logger = Logger(label: "shopctl.tests")
    logger.logLevel = .warning
    return logger
}()
