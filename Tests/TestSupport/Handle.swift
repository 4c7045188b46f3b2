public import DevStack
import Glibc
import Synchronization

extension TestStack {
    /// A running stack, and places on it of a test's own: databases, virtual hosts, key prefixes.
    ///
    /// What is handed out is named after this process (`t4711_3`), so that runs on one stack do not meet, and lives
    /// as long as the stack unless it is given back. ``Fixture`` gives it back by itself.
    public final class Handle: Sendable {
        /// Where the servers are.
        public let state: DevStackState
        /// SQL on the stack's server, by the superuser.
        public let postgres: PostgresControl
        /// Erlang on the stack's broker.
        public let broker: BrokerControl
        private let counter = Atomic<Int>(0)
        private let templates = Mutex<[String: Task<String, any Error>]>([:])

        /// A handle on any stack; suites use ``TestStack/shared()``.
        public init(state: DevStackState) throws {
            self.state = state
            postgres = try PostgresControl(state)
            broker = try BrokerControl(state)
        }

        /// A name that no other test of this machine uses, good for a database, a virtual host, a queue, a key.
        public func uniqueName(_ label: String = "t") -> String {
            "\(label)\(getpid())_\(counter.add(1, ordering: .relaxed).newValue)"
        }

        /// Creates an empty database; about 50 ms.
        public func database() async throws -> TestDatabase {
            let name = uniqueName()
            try await postgres.createDatabase(name)
            return TestDatabase(name: name, url: state.postgresURL(database: name), control: postgres)
        }

        /// Creates a database as a copy of a template, which is made at the first call for its key.
        ///
        /// - Parameters:
        ///   - key: names what `prepare` does; one template is kept a key for the whole run.
        ///   - prepare: fills the template, given its URL: migrates it, say. Its connections are closed afterwards.
        /// - Throws: what `prepare` throws, to every caller of that key.
        public func database(
            template key: String, prepare: @escaping @Sendable (_ url: String) async throws -> Void
        ) async throws -> TestDatabase {
            let task = templates.withLock { templates in
                if let task = templates[key] { return task }
                let task = Task.detached { try await self.makeTemplate(prepare) }
                templates[key] = task
                return task
            }
            let template = try await task.value
            let name = uniqueName()
            try await postgres.createDatabase(name, template: template)
            return TestDatabase(name: name, url: state.postgresURL(database: name), control: postgres)
        }

        /// Creates a virtual host; about 20 ms.
        public func vhost() async throws -> TestVirtualHost {
            let name = uniqueName()
            try await broker.createVirtualHosts([name])
            return TestVirtualHost(name: name, url: state.amqpURL(vhost: name), control: broker)
        }

        /// A key prefix of a test's own on the shared Redis; nothing is created.
        public func redis() -> TestRedis {
            TestRedis(url: state.redisURL(), keyPrefix: uniqueName() + ":")
        }

        /// The prefix alone.
        public func redisPrefix() -> String { redis().keyPrefix }

        private func makeTemplate(_ prepare: @Sendable (_ url: String) async throws -> Void) async throws -> String {
            let name = uniqueName("t") + "_template"
            try await postgres.createDatabase(name)
            try await prepare(state.postgresURL(database: name))
            // A copy can be made only of what nobody is connected to.
            try await postgres.execute(
                """
                ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS false;
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'
                """)
            return name
        }

        /// Deletes what runs that have ended left on a stack that is used again and again.
        func removeLeftovers() async throws {
            let databases = try await postgres.execute("SELECT datname FROM pg_database WHERE datname ~ '^t[0-9]+_'")
            for name in databases where Self.isAbandoned(name) { try await postgres.dropDatabase(name) }
            let listed = try await broker.evaluate(
                "binary_to_list(iolist_to_binary(lists:join(<<\" \">>, rabbit_vhost:list_names())))")
            let names = listed.split { $0 == " " || $0 == "\"" }.map(String.init).filter(Self.isAbandoned)
            if !names.isEmpty { try await broker.deleteVirtualHosts(names) }
        }

        private static func isAbandoned(_ name: String) -> Bool {
            guard name.first == "t", let digits = name.dropFirst().split(separator: "_").first,
                let pid = pid_t(digits)
            else { return false }
            return kill(pid, 0) != 0 && errno == ESRCH
        }
    }
}

/// A database of a test's own.
public struct TestDatabase: Sendable {
    public let name: String
    /// With the password.
    public let url: String
    fileprivate let control: PostgresControl

    /// Drops it, and whatever is connected to it.
    public func drop() async throws { try await control.dropDatabase(name) }
}

/// A virtual host of a test's own.
public struct TestVirtualHost: Sendable {
    public let name: String
    /// With the password.
    public let url: String
    fileprivate let control: BrokerControl

    /// Deletes it and all that is in it; connections to it are closed.
    public func delete() async throws { try await control.deleteVirtualHosts([name]) }
}

/// A corner of Redis of a test's own.
public struct TestRedis: Sendable {
    /// With the password.
    public let url: String
    /// What the test's keys begin with.
    public let keyPrefix: String
}
