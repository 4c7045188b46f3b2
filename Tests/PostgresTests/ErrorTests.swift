import DevStack
import TestSupport
import Testing

@testable import Postgres

/// Errors say what is wrong, and keep secrets.
@Suite struct ErrorTests {
    @Test func theServersErrorsAreTyped() async throws {
        try await withScene { scene in
            try await scene.client.batch([
                "CREATE TABLE parent (id int4 PRIMARY KEY)",
                """
                CREATE TABLE child (
                    id int4 CONSTRAINT child_id_unique UNIQUE, parent int4 CONSTRAINT child_parent REFERENCES parent,
                    amount int4 NOT NULL CONSTRAINT child_amount_positive CHECK (amount > 0))
                """,
                "INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (1, 1, 1)",
            ])
            func failure(_ sql: String) async -> PostgresError? {
                await postgresError { try await scene.client.query(PostgresQuery(unsafeSQL: sql)) }
            }
            let unique = await failure("INSERT INTO child VALUES (1, 1, 1)")
            #expect(unique?.kind == .server)
            #expect(unique?.sqlState == .uniqueViolation)
            #expect(unique?.constraint == "child_id_unique")
            #expect(unique?.table == "child")
            #expect(unique?.schema == "public")
            #expect(unique?.isRetryable == false)
            #expect(unique?.query == "INSERT INTO child VALUES (1, 1, 1)")
            let foreign = await failure("INSERT INTO child VALUES (2, 9, 1)")
            #expect(foreign?.sqlState == .foreignKeyViolation)
            #expect(foreign?.constraint == "child_parent")
            let check = await failure("INSERT INTO child VALUES (2, 1, 0)")
            #expect(check?.sqlState == .checkViolation)
            #expect(check?.constraint == "child_amount_positive")
            let null = await failure("INSERT INTO child VALUES (2, 1, NULL)")
            #expect(null?.sqlState == .notNullViolation)
            #expect(null?.column == "amount")
            let syntax = await failure("SELEKT 1")
            #expect(syntax?.sqlState == .syntaxError)
            #expect(syntax?.position == 1)
            let hint = await failure("SELECT ids FROM parent")
            #expect(hint?.hint?.contains("parent.id") == true)
        }
    }

    @Test func errorsTellTheCallAndNoValues() async throws {
        try await withScene { scene in
            let error = await postgresError { try await scene.client.query("SELECT \("hunter2")::text, 1 / 0") }
            let text = error?.description ?? ""
            #expect(text.contains("SELECT $1::text, 1 / 0"))
            #expect(text.contains("PostgresTests/ErrorTests.swift:"))
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func aStatementThatTakesTooLongIsStoppedByTheServer() async throws {
        try await withScene({ $0.statementTimeout = .milliseconds(100) }) { scene in
            let error = await postgresError { try await scene.client.query("SELECT pg_sleep(600)") }
            #expect(error?.sqlState == .queryCanceled)
            #expect(error?.kind == .timeout)
            // A busy machine may need more than that little time for the next one, too.
            try await eventually("the next one is answered") { (try? await scene.client.query("SELECT 1")) != nil }
        }
    }

    @Test func aLockThatIsNotGivenIsNotWaitedForForEver() async throws {
        try await withScene({ $0.lockTimeout = .milliseconds(100) }) { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            try await scene.client.transaction { transaction in
                try await transaction.query("LOCK TABLE t")
                let error = await postgresError { try await scene.client.query("SELECT FROM t") }
                #expect(error?.sqlState == .lockNotAvailable)
            }
        }
    }

    @Test func theTimeoutsReachTheServer() async throws {
        try await withScene({
            $0.statementTimeout = .seconds(7)
            $0.lockTimeout = .milliseconds(1500)
            $0.idleInTransactionTimeout = .zero
            $0.applicationName = "somebody's shop"
        }) { scene in
            let rows = try await scene.client.query(
                """
                SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), \
                current_setting('idle_in_transaction_session_timeout'), current_setting('application_name'), \
                current_setting('client_encoding')
                """)
            let settings = try rows[0].decode((String, String, String, String, String).self)
            #expect(settings == ("7s", "1500ms", "0", "somebody's shop", "UTF8"))
        }
    }

    @Test func refusedConnectionsSayWhyWithoutThePassword() async throws {
        try await withScene { scene in
            let server = scene.fixture.stack.state.postgres
            let place = "127.0.0.1:\(server.port)"
            let database = scene.configuration.database
            let cases: [(url: String, state: SQLState?, word: String, isRetryable: Bool)] = [
                ("postgres://\(server.user):wr0ngWord@\(place)/\(database)", .invalidPassword, "password", false),
                ("postgres://nobody:wr0ngWord@\(place)/\(database)", .invalidPassword, "nobody", false),
                (
                    "postgres://\(server.user):\(server.password)@\(place)/nowhere", .invalidCatalogName, "nowhere",
                    false
                ),
                ("postgres://\(server.user):wr0ngWord@127.0.0.1:1/\(database)", nil, "refused", true),
                ("postgres://\(server.user):wr0ngWord@host.invalid/\(database)", nil, "host.invalid", true),
            ]
            for (url, state, word, isRetryable) in cases {
                let configuration = try PostgresConfiguration(url: url)
                let client = PostgresClient(configuration: configuration, logger: quietLogger)
                for error in [
                    await postgresError { try await client.query("SELECT 1") },
                    await postgresError { try await client.transaction { try await $0.query("SELECT 1") } },
                ] {
                    #expect(error?.kind == .connection)
                    #expect(error?.sqlState == state)
                    #expect(error?.message.contains(word) == true)
                    #expect(error?.isRetryable == isRetryable)
                    #expect(error?.description.contains("wr0ngWord") == false)
                    #expect(error?.description.contains(server.password) == false)
                    #expect(error?.message.contains("\n") == false)
                }
                await client.close()
            }
        }
    }

    @Test func aHostThatDoesNotAnswerIsGivenUpAndTheNextTried() async throws {
        try await withScene { scene in
            let server = scene.fixture.stack.state.postgres
            let proxy = TCPProxy(to: server.port)
            defer { proxy.close() }
            proxy.pause()
            let credentials = "\(server.user):\(server.password)"
            var silent = try PostgresConfiguration(
                url: "postgres://\(credentials)@127.0.0.1:\(proxy.port)/\(scene.configuration.database)")
            silent.connectTimeout = .milliseconds(200)
            let client = PostgresClient(configuration: silent, logger: quietLogger)
            let error = await postgresError { try await client.query("SELECT 1") }
            #expect(error?.kind == .timeout)
            #expect(error?.description.contains(server.password) == false)
            await client.close()

            let several = try PostgresConfiguration(
                url: "postgres://\(credentials)@127.0.0.1:1,127.0.0.1:\(server.port)/\(scene.configuration.database)"
                    + "?target_session_attrs=read-write")
            let second = PostgresClient(configuration: several, logger: quietLogger)
            try await second.query("SELECT 1")
            await second.close()
        }
    }
}
