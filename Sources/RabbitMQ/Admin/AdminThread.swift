import DriverSupport

/// A thread that owns one connection and carries out operations on it, one after the other.
final class AdminThread: Sendable {
    /// An operation: told the connection or why there is none; returns the error it ended with.
    private typealias Job = @Sendable (Result<BrokerConnection, RabbitMQError>) -> RabbitMQError?

    private struct Box {
        var jobs: [Job] = []
        var hasEnded = false
    }

    let control = ThreadControl(name: "mq-admin")
    private let configuration: RabbitMQConfiguration
    /// Whether a lost connection stays lost, because delivery tags mean nothing on another.
    private let isSingleUse: Bool
    private let box: Mailbox<Box>

    init(configuration: RabbitMQConfiguration, isSingleUse: Bool = false) {
        self.configuration = configuration
        self.isSingleUse = isSingleUse
        box = Mailbox(Box(), wake: control.wake)
    }

    /// Carries out an operation on the thread, connecting first if need be.
    /// - Throws: ``RabbitMQError``; `CancellationError` at once, while an operation that has begun goes on.
    func perform<R: Sendable>(
        _ operation: @escaping @Sendable (BrokerConnection) throws(RabbitMQError) -> R
    ) async throws -> R {
        try control.start { [self] in run() }
        let answer = OneAnswer<R>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if answer.wait(continuation) { submit(job(operation, answer)) }
            }
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    private func job<R: Sendable>(
        _ operation: @escaping @Sendable (BrokerConnection) throws(RabbitMQError) -> R, _ answer: OneAnswer<R>
    ) -> Job {
        { connection in
            // What nobody waits for is not begun.
            if answer.isGiven { return nil }
            do throws(RabbitMQError) {
                answer.give(.success(try operation(try connection.get())))
                return nil
            } catch {
                answer.give(.failure(error))
                return error
            }
        }
    }

    private func submit(_ job: @escaping Job) {
        let isAccepted = box.post { box in
            if !box.hasEnded { box.jobs.append(job) }
            return !box.hasEnded
        }
        if !isAccepted { _ = job(.failure(Self.closedError)) }
    }

    /// Ends the connection and the thread.
    func close() async {
        control.stop()
        await control.waitUntilEnded()
    }

    private func run() {
        var connection: BrokerConnection?
        var hasConnected = false
        while !control.isStopping {
            for job in box.take({ box in take(&box) }) { carryOut(job, &connection, &hasConnected) }
            if let open = connection, !isAlive(open) { connection = nil }
            if let connection {
                connection.wait(until: nil) { box.wait(alsoOn: $0, until: $1) }
            } else {
                box.wait()
            }
        }
        let rest = box.take { box in
            box.hasEnded = true
            return take(&box)
        }
        for job in rest { carryOut(job, &connection, &hasConnected) }
        connection?.close()
    }

    private func take(_ box: inout Box) -> [Job] {
        defer { box.jobs = [] }
        return box.jobs
    }

    private func carryOut(_ job: Job, _ connection: inout BrokerConnection?, _ hasConnected: inout Bool) {
        if let open = connection, !isAlive(open) { connection = nil }
        let open: BrokerConnection
        do throws(RabbitMQError) {
            if connection == nil, hasConnected, isSingleUse {
                throw RabbitMQError(.connectionLost, "the connection is gone; what was not settled goes back")
            }
            open = if let connection { connection } else { try control.open(configuration) }
        } catch {
            _ = job(.failure(error))
            return
        }
        hasConnected = true
        connection = open
        if let error = job(.success(open)) {
            // A refusal leaves the library's state sound, and the broker likes to be told.
            if error.code == nil { open.abandon() } else { open.close() }
            connection = nil
        }
    }

    /// Handles what the broker says between operations; false if the connection is gone.
    private func isAlive(_ connection: BrokerConnection) -> Bool {
        do throws(RabbitMQError) {
            while try connection.nextEvent() != nil {}
            return true
        } catch {
            connection.abandon()
            return false
        }
    }

    private static var closedError: RabbitMQError { RabbitMQError(.closed, "the connection is closed") }
}
