import Glibc
import Logging
import Postgres
import RabbitMQ
import Redis
import Synchronization

/// The drivers under many tasks: `drivers postgres|rabbitmq|redis TASKS SECONDS` prints operations a second. Where the
/// server is stands in DATABASE_URL, AMQP_URL or REDIS_URL, since others can read command lines.
@main
struct Drivers {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 3, let name = arguments.first, let tasks = Int(arguments[2]),
            let seconds = Double(arguments[3])
        else { throw Usage() }
        let driver = Drivers(tasks: tasks, seconds: seconds, logger: Logger(label: "drivers"))
        switch name {
        case "postgres": try await driver.postgres()
        case "rabbitmq": try await driver.rabbitMQ()
        case "redis": try await driver.redis()
        default: throw Usage()
        }
    }

    struct Usage: Error, CustomStringConvertible {
        let description = "usage: drivers postgres|rabbitmq|redis TASKS SECONDS"
    }

    /// A message that the broker has not taken.
    struct Unconfirmed: Error {}

    let tasks: Int
    let seconds: Double
    let logger: Logger

    /// Single rows of pgbench's table, by key.
    private func postgres() async throws {
        let client = PostgresClient(configuration: try .init(url: url("DATABASE_URL")), logger: logger)
        try await measure {
            let key = Int64.random(in: 1...100_000)
            _ = try await client.query("SELECT abalance FROM pgbench_accounts WHERE aid = \(key)")
        }
        await client.close()
    }

    /// Persistent messages of 300 bytes to the queue `bench`, each confirmed.
    private func rabbitMQ() async throws {
        let publisher = RabbitMQPublisher(configuration: try .init(url: url("AMQP_URL")), logger: logger)
        let message = RabbitMQMessage(
            exchange: "", routingKey: "bench", body: [UInt8](repeating: 120, count: 300), properties: .init())
        try await measure {
            guard try await publisher.publish(message) == .confirmed else { throw Unconfirmed() }
        }
        await publisher.close()
    }

    /// The value of a key.
    private func redis() async throws {
        let client = RedisClient(configuration: try .init(url: url("REDIS_URL")), logger: logger)
        _ = try await client.send(["SET", "bench", "xxx"])
        try await measure { _ = try await client.send(["GET", "bench"]) }
        await client.close()
    }

    private func url(_ variable: String) -> String { getenv(variable).map { String(cString: $0) } ?? "" }

    /// Prints how often the operation succeeds in a second when many tasks repeat it, after a second unmeasured.
    private func measure(_ operation: @escaping @Sendable () async throws -> Void) async throws {
        let clock = ContinuousClock()
        let begin = clock.now + .seconds(1)
        let end = begin + .seconds(seconds)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while true {
                        try await operation()
                        let now = clock.now
                        guard now < end else { return count }
                        if now >= begin { count += 1 }
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        print(Int(Double(total) / seconds))
    }
}
