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
        #expect(configuration.connectDeadline == .seconds(18))
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
