import DriverSupport
import TestSupport
import Testing

@testable import Postgres

@Suite struct ConfigurationTests {
    @Test func readsWhatLibpqReads() throws {
        let configuration = try PostgresConfiguration(
            url: "postgresql://us%40er:p%3Aw@one:5433,two:5434/shop?target_session_attrs=primary&connect_timeout=9"
                + "&application_name=abc")
        #expect(configuration.database == "shop")
        #expect(configuration.redacted == "us@er@one:5433,two:5434/shop")
        #expect(configuration.connectTimeout == .seconds(9))
        #expect(configuration.applicationName == "abc")
        let parameters = configuration.libpqParameters
        #expect(parameters["password"] == "p:w")
        #expect(parameters["target_session_attrs"] == "primary")
        #expect(parameters["connect_timeout"] == nil)
        #expect(parameters["client_encoding"] == "UTF8")
        #expect(parameters["tcp_user_timeout"] == "9000")
    }

    @Test func anotherDatabaseOnTheSameServer() throws {
        let configuration = try PostgresConfiguration(url: "postgres://u:pw@h/one").withDatabase("a=b two")
        #expect(configuration.database == "a=b two")
        #expect(configuration.libpqParameters["dbname"] == "a=b two")
    }

    @Test func theUrlsOwnSettingsWin() throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://h/d?options=-c%20statement_timeout%3D1&keepalives_idle=99")
        let options = try #require(configuration.libpqParameters["options"])
        #expect(options.hasSuffix("-c statement_timeout=1"))
        #expect(configuration.libpqParameters["keepalives_idle"] == "99")
    }

    /// The plan that a connection keeps is not that of a table of one row.
    @Test func plansThatAreMadeForASmallTableUseItsIndex() async throws {
        try await withScene({
            $0.prefersIndexes = true
            $0.sharedConnections = 1
            $0.maximumConnections = 2
        }) { scene in
            try await scene.client.batch([
                "CREATE TABLE t (n bigint PRIMARY KEY, v text) WITH (autovacuum_enabled = off)",
                "INSERT INTO t VALUES (0)",
            ])
            try await scene.client.query("ANALYZE t")
            func look(for number: Int64) async throws {
                try await scene.client.query(
                    """
                    SELECT t.v FROM t JOIN unnest(\([number])::bigint[]) AS w (n) ON t.n = w.n
                    ORDER BY t.n FOR UPDATE OF t
                    """)
            }
            for _ in 0..<10 { try await look(for: 0) }
            try await scene.client.query("INSERT INTO t SELECT generate_series(1, 10000)")
            try await look(for: 7)
            // A session that ends reports what it has read.
            await scene.client.close()
            let other = scene.another()
            try await eventually("all reads are reported, and all went by the index") {
                let rows = try await other.query(
                    """
                    SELECT count(*) FROM pg_stat_user_tables
                    WHERE relname = 't' AND idx_scan = 11 AND seq_tup_read = 0
                    """)
                return try rows[0].decode(at: 0, as: Int.self) == 1
            }
        }
    }

    /// A transaction's statement is not planned anew for each array of keys; a single one may be.
    @Test func statementsOfTransactionsArePlannedOnce() async throws {
        try await withScene({ $0.prefersIndexes = true }) { scene in
            let plans = try await scene.client.transaction { transaction in
                for number in Int64(0)..<3 {
                    try await transaction.query("SELECT n FROM unnest(\([number])::bigint[]) AS w (n)")
                }
                let rows = try await transaction.query(
                    "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%AS w (n)'")
                return try rows.decode((Int64, Int64).self)
            }
            #expect(plans.map(\.0) == [3] && plans.map(\.1) == [0])
            let single = try await scene.client.query("SELECT current_setting('plan_cache_mode')")
            #expect(try single[0].decode(at: 0, as: String.self) == "auto")
        }
    }

    /// What the server will do by itself, wherever it was told.
    @Test(
        arguments: [
            ("", 30_000), ("?options=-c%20statement_timeout%3D1500", 1500),
            ("?options=-cstatement_timeout%3D2min", 120_000), ("?options=--statement-timeout%3D3s", 3000),
            ("?options=-c%20statement_timeout%3D1%20-c%20Statement_Timeout%3D0.5h", 1_800_000),
            ("?options=-c%20work_mem%3D1MB", 30_000), ("?options=-c%20statement_timeout%3D0", nil),
        ] as [(String, Int64?)])
    func theServersTimeoutIsKnown(suffix: String, milliseconds: Int64?) throws {
        let configuration = try PostgresConfiguration(url: "postgres://h/d\(suffix)")
        #expect(configuration.effectiveStatementTimeout?.wholeMilliseconds == milliseconds)
    }

    @Test(
        arguments: [
            ("SET LOCAL statement_timeout = '2s'", .limited(.seconds(2))), ("set statement_timeout to 0", .unlimited),
            ("SET SESSION statement_timeout = 5 ", .limited(.milliseconds(5))),
            ("RESET statement_timeout", .configured),
            ("SET statement_timeout TO DEFAULT;", .configured),
            ("SELECT set_config('statement_timeout', $1, true)", .unlimited),
            ("SET lock_timeout = 1", nil), ("SET statement_timeout = '3 min'", .limited(.seconds(180))),
        ] as [(String, ServerTimeout?)])
    func aStatementsChangeOfTheTimeoutIsKnown(sql: String, timeout: ServerTimeout?) {
        #expect(ServerTimeout(changedBy: sql) == timeout)
    }

    /// Of several hosts the one that takes writes is wanted, unless the URL says otherwise.
    @Test func severalHostsMeanTheOneThatWrites() throws {
        let attributes = { (url: String) in
            try PostgresConfiguration(url: url).libpqParameters["target_session_attrs"]
        }
        #expect(try attributes("postgres://a,b/d") == "read-write")
        #expect(try attributes("postgres://a,b/d?target_session_attrs=any") == "any")
        #expect(try attributes("postgres://a/d") == nil)
    }

    @Test func everyHostIsAPlaceOfItsOwn() throws {
        func places(_ url: String) throws -> [String] {
            ConnectionPlace.all(try PostgresConfiguration(url: url).libpqParameters).map(\.name)
        }
        #expect(try places("postgres://127.0.0.1,127.0.0.2:7/d") == ["127.0.0.1 127.0.0.1 ", "127.0.0.2 127.0.0.2 7"])
        #expect(
            try places("postgres://127.0.0.1:1,127.0.0.2:2/d?target_session_attrs=prefer-standby") == [
                "127.0.0.1 127.0.0.1 1 standby", "127.0.0.2 127.0.0.2 2 standby", "127.0.0.1 127.0.0.1 1 any",
                "127.0.0.2 127.0.0.2 2 any",
            ])
        #expect(try places("postgres:///d?host=/tmp") == ["/tmp  "])
        #expect(try places("postgres://host.invalid/d") == ["host.invalid  "])
        #expect(try places("postgres://localhost/d").contains("localhost 127.0.0.1 "))
    }

    @Test func nothingThatIsPrintedHasThePassword() throws {
        let configuration = try PostgresConfiguration(url: "postgres://user:hunter2@host:1/d?options=-c%20x%3Dy")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [
            configuration.redacted, "\(configuration)", String(reflecting: configuration), dumped,
        ] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("user@host:1/d"))
        }
    }

    @Test(arguments: [
        "", "mysql://u:hunter2@h/d", "host=h password=hunter2", "postgres://u:hunter2@h:port/d",
        "postgres://u:hunter2@h:99999/d", "postgres://u:hunter2@h/d?nonsense=1", "postgres://u:hunter2%zz@h/d",
        "postgres://u:hunter2@[::1/d", "postgres://u:hunter2@h/d\0",
        "postgres://u:hunter2@h/d?connect_timeout=soon",
    ]) func aBadUrlIsRefusedWithoutBeingShown(url: String) {
        do {
            _ = try PostgresConfiguration(url: url)
            Issue.record("accepted")
        } catch {
            #expect(!error.description.contains("hunter2"))
            #expect(error.description.hasPrefix("PostgreSQL URL: "))
        }
    }
}
