import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A program to run, and its surroundings.
struct Command: Sendable {
    var program: String
    var arguments: [String] = []
    var environment: [String: String] = [:]
    var directory: String?

    /// In a session of its own: a Ctrl-C on the terminal is for the owner, which stops its servers in order.
    fileprivate var configuration: Configuration {
        var options = PlatformOptions()
        options.createSession = true
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        return Configuration(
            executable: .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(variables),
            workingDirectory: directory.map { FilePath($0) }, platformOptions: options)
    }

    /// Runs to its end and returns what it printed; for small outputs.
    ///
    /// - Throws: ``DevStackError/toolFailed(program:reason:)`` with the last of what it said on standard error;
    ///   `CancellationError` if the task was cancelled.
    func output(input: String = "") async throws -> String {
        let name = program.split(separator: "/").last.map(String.init) ?? program
        let text: (status: TerminationStatus, output: String, error: String)
        do {
            let result = try await run(
                configuration, input: .fileDescriptor(try commandInput(input), closeAfterSpawningProcess: true),
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
            text = (result.terminationStatus, result.standardOutput, result.standardError)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw DevStackError.toolFailed(program: name, reason: "\(error)")
        }
        guard text.status.isSuccess else {
            // A cancelled task's tool is killed.
            try Task.checkCancellation()
            let said = text.error.isEmpty ? text.output : text.error
            throw DevStackError.toolFailed(program: name, reason: "\(text.status) \(said.suffix(2_000))")
        }
        return text.output
    }
}

/// A running child. Its end is always noticed and collected, so that no zombie is left.
final class ChildProcess: Sendable {
    let pid: pid_t
    private let ending: Mutex<Ending>

    private struct Ending {
        var status: TerminationStatus?
        var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private init(pid: pid_t) {
        self.pid = pid
        ending = Mutex(Ending())
    }

    /// Starts a child that writes both its outputs to the end of a log file.
    ///
    /// - Parameter input: a descriptor that becomes its standard input and is closed here; `nil` for none.
    static func start(_ command: Command, log: String, input: Int32? = nil) async throws -> ChildProcess {
        let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DevStackError.system(operation: "open \(log)", reason: errorText()) }
        let output = FileDescriptor(rawValue: descriptor)
        return try await withCheckedThrowingContinuation { started in
            // Detached: the child outlives the call that starts it, and whoever cancels that call.
            Task.detached {
                let box = Mutex<ChildProcess?>(nil)
                let announce: @Sendable (pid_t) -> Void = { pid in
                    let child = ChildProcess(pid: pid)
                    box.withLock { $0 = child }
                    started.resume(returning: child)
                }
                do {
                    let status: TerminationStatus
                    if let input {
                        status = try await run(
                            command.configuration,
                            input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: true),
                            output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                            error: .combinedWithOutput,
                            body: { announce($0.processIdentifier.value) }
                        ).terminationStatus
                    } else {
                        status = try await run(
                            command.configuration, input: .none,
                            output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                            error: .combinedWithOutput,
                            body: { announce($0.processIdentifier.value) }
                        ).terminationStatus
                    }
                    box.withLock { $0 }?.finish(status)
                } catch {
                    if let child = box.withLock({ $0 }) {
                        child.finish(.exited(-1))
                    } else {
                        started.resume(
                            throwing: DevStackError.system(operation: "start \(command.program)", reason: "\(error)"))
                    }
                }
            }
        }
    }

    /// Its end; `nil` while it runs.
    var status: TerminationStatus? { ending.withLock { $0.status } }

    /// Sends a signal, unless it has ended.
    func send(_ signal: Int32) {
        ending.withLock { if $0.status == nil { kill(pid, signal) } }
    }

    /// Waits for its end, which is the answer `true`; `false` if the task was cancelled first.
    @discardableResult
    func ended() async -> Bool {
        let id = ending.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = ending.withLock { state in
                    if state.status != nil { return true }
                    if Task.isCancelled { return false }
                    state.waiters[id] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            ending.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: false)
        }
    }

    /// Waits for its end at most so long; answers whether it has ended.
    func ended(within limit: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.ended() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first || status != nil
        }
    }

    private func finish(_ status: TerminationStatus) {
        let waiters = ending.withLock { state in
            state.status = status
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: true) }
    }
}
