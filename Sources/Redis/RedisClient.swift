public import Logging
import Synchronization

/// A Redis client: one connection, on which the commands of all tasks are pipelined.
///
/// A thread of its own owns the connection and reconnects by itself. While the server is away, commands fail at
/// once with ``RedisError/Kind/unavailable``. A command that is not answered in time takes the connection with
/// it, because its late reply would be taken for another's.
public final class RedisClient: Sendable {
    public let configuration: RedisConfiguration
    let metrics = RedisMetrics()
    let logger: Logger
    /// Whether a server's error in the cache face was already logged since the last success.
    let cacheComplained = Atomic<Bool>(false)
    let mailbox: RedisMailbox

    /// A client that connects in the background. Commands sent before it is connected wait for that.
    public init(configuration: RedisConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        mailbox = RedisMailbox()
        do throws(RedisError) {
            try start()
        } catch {
            logger.error(
                "redis cannot be asked yet",
                metadata: ["server": "\(configuration.redacted)", "error": "\(error.message)"])
        }
    }

    deinit { mailbox.shutDown() }

    /// Sends one command as it is (no key prefix) and returns its reply.
    ///
    /// - Throws: `RedisError`, also for an error the server answers with; `CancellationError`. After `unavailable`,
    ///   `timeout` and a cancellation the command may have run nevertheless.
    @discardableResult
    public func send(_ command: [RedisArgument]) async throws -> RedisReply {
        guard !command.isEmpty else { throw Self.withoutWords }
        switch try await perform(RedisCommands(one: command)) {
        case .one(.error(let text)): throw RedisError(kind: .server, message: text)
        case .one(let reply): return reply
        case .several: throw RedisError(kind: .protocol, message: "several replies to one command")
        }
    }

    /// Sends commands together, uninterrupted by others of this client, and returns their replies in order.
    ///
    /// This is no transaction: each may fail for itself, and a server's error is an element of the result.
    ///
    /// - Throws: as ``send(_:)``, for the whole.
    public func pipeline(_ commands: [[RedisArgument]]) async throws -> [RedisReply] {
        if commands.isEmpty { return [] }
        guard commands.allSatisfy({ !$0.isEmpty }) else { throw Self.withoutWords }
        return try await perform(RedisCommands(commands)).all
    }

    /// Runs `script` with `keys` (which get the prefix) and `arguments`.
    ///
    /// The script is named by its digest; it is sent whole only when the server does not know it.
    ///
    /// - Throws: as ``send(_:)``.
    @discardableResult
    public func evaluate(
        _ script: RedisScript, keys: [String] = [], arguments: [RedisArgument] = []
    ) async throws -> RedisReply {
        var operands: [RedisArgument] = [.int(Int64(keys.count))]
        operands += keys.map { .string(configuration.prefixed($0)) }
        operands += arguments
        do {
            return try await send(["EVALSHA", .string(script.digest)] + operands)
        } catch let error as RedisError where error.code == "NOSCRIPT" {
            return try await send(["EVAL", .string(script.source)] + operands)
        }
    }

    /// Asks the server for a sign of life.
    ///
    /// - Throws: as ``send(_:)``.
    public func ping() async throws {
        try await send(["PING"])
    }

    /// Fails what is outstanding, closes the connection and ends the thread; returns when that is done.
    public func close() async {
        await mailbox.close()
    }

    /// Starts the thread, which knows the mailbox only, so that a forgotten client ends its thread.
    private func start() throws(RedisError) {
        // What the thread is given is captured once, not by every command.
        if mailbox.isStarted { return }
        try mailbox.start { [configuration, mailbox, metrics, logger] in
            RedisLoop(configuration: configuration, mailbox: mailbox, metrics: metrics, logger: logger).run()
        }
    }

    private static let withoutWords = RedisError(kind: .configuration, message: "a command without words")

    private func perform(_ commands: RedisCommands) async throws -> RedisReplies {
        try start()
        let request = RedisRequest(commands, timeout: configuration.commandTimeout)
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                if request.wait(continuation) { mailbox.submit(request) }
            }
        } onCancel: {
            // Its replies are still read, in order, and thrown away.
            request.finish(.failure(CancellationError()))
        }
    }
}
