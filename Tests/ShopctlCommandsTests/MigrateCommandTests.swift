import Hosting
import Migrator
import Postgres
import TestSupport
import Testing

@testable import ShopctlCommands

@Suite("One database away does not hide the others, and statuses say what may help")
struct MigrateCommandTests {
    /// The discard port.
    private static let away = "postgres://shop:s3cr3t@127.0.0.1:9/away"

    private func run(_ arguments: String..., environment: [String: String]) async -> CommandRun {
        await CommandRun(
            ["migrate"] + arguments + [
                "--databases-only", "--role", "orders", "--role", "products", "--role", "reviews",
            ],
            environment: environment)
    }

    @Test("Up and status do and tell the rest, and end by the worst")
    func away() async throws {
        try await withFixture { fixture in
            var environment = [
                "SHOPCTL_ORDERS_DATABASE_URL": try await fixture.database().url,
                "SHOPCTL_PRODUCTS_DATABASE_URL": Self.away,
                "SHOPCTL_REVIEWS_DATABASE_URL": try await fixture.database().url,
            ]
            let up = await run("up", "-o", "json", environment: environment)
            #expect(up.status == .unreachable)
            for part in [#""role": "orders""#, #""role": "reviews""#, #""subject": "products""#] {
                #expect(up.output.contains(part), "\(up.output)")
            }
            #expect(up.notes.contains("products: database 'away'") && !up.notes.contains("s3cr3t"))

            let status = await run("status", "--check", environment: environment)
            #expect(status.status == .unreachable)
            let lines = status.output.split(separator: "\n").map(String.init)
            #expect(lines.count { $0.hasSuffix(" ok") } == 2, "\(status.output)")
            #expect(lines.contains { $0.hasPrefix("products") && $0.contains("away") && $0.contains("?") })
            let json = await run("status", "-o", "json", environment: environment)
            #expect(json.output.contains(#""exists": null"#) && json.output.contains(#""current": false"#))

            // What trying again does not mend is worse than what it may.
            environment["SHOPCTL_REVIEWS_DATABASE_URL"] =
                try await fixture.database().url.split(separator: "/").dropLast().joined(separator: "/")
                .replacing(":/", with: "://") + "/missing"
            let worse = await run("up", environment: environment)
            #expect(worse.status == .badData, "\(worse)")
            #expect(worse.notes.contains("products:") && worse.notes.contains("--create-databases"))
            // Nothing could be asked: nothing is data.
            let none = await run(
                "status",
                environment: Dictionary(uniqueKeysWithValues: environment.keys.map { ($0, Self.away) }))
            #expect(none.status == .unreachable && none.output.isEmpty)
            // They are on one server, which is told once.
            #expect(none.notes.split(separator: "\n").count == 3, "\(none.notes)")
            #expect(none.notes.contains("the databases of products, orders, reviews: "), "\(none.notes)")
        }
    }

    @Test("A shop is not built beside itself: every connection is pinned to its schema")
    func pinned() async throws {
        try await withFixture { fixture in
            let url = try await fixture.database().url
            let environment = ["SHOPCTL_GATEWAY_DATABASE_URL": url]
            let up = ["migrate", "up", "--databases-only", "--role", "gateway"]
            #expect(await CommandRun(up, environment: environment).status == .success)
            let configuration = try ShopConfiguration(environment: environment).postgres(
                for: .gateway, among: [.gateway])
            let client = PostgresClient(configuration: configuration, logger: testLogger)
            fixture.atEnd { await client.close() }
            try await client.query("CREATE SCHEMA AUTHORIZATION CURRENT_USER")
            try await client.query("CREATE TABLE \(unescaped: "shopctl.users") ()")
            #expect(try await client.query("SHOW search_path").first?.decode(at: 0) == "public")

            let again = await CommandRun(up + ["-o", "json"], environment: environment)
            #expect(again.status == .success && again.output.contains(#""migrations": []"#), "\(again)")
            #expect(await CommandRun(["user", "list"], environment: environment).status == .success)
            // Where another schema is asked for, none is built there.
            let asked = environment.merging(["SHOPCTL_DATABASE_SCHEMA": "shopctl"]) { $1 }
            let other = await CommandRun(up, environment: asked)
            #expect(other.status == .badConfiguration && other.notes.contains("schema 'public' has migrations already"))
            let missing = await CommandRun(up + ["--database-schema", "nowhere"], environment: environment)
            #expect(missing.status == .badConfiguration && missing.notes.contains("CREATE SCHEMA nowhere"))
        }
    }

    @Test("Statuses of what keeps migrations from running")
    func statuses() throws {
        let blocked = MigrationError.blocked(database: "d", migration: "2_b", direction: .down, holder: nil)
        let partly = MigrationError.partly(.down, done: ["3_c"], version: 2, cause: blocked)
        #expect(Diagnosis(blocked).status == .tryAgain && Diagnosis(partly).status == .tryAgain)
        #expect(Diagnosis(partly).message?.contains("3_c was undone") == true)
        for error in [
            MigrationError.sharedSessions(database: "d"), .refusedParameter(database: "d", reason: "r"),
            .elsewhere(database: "d", schema: "a", other: "b"),
            .wrongSchema(database: "d", wanted: "a", present: nil, exists: true),
            .anotherRole(database: "d", role: "orders", owner: "products"),
        ] {
            #expect(Diagnosis(error).status == .badConfiguration)
        }
        #expect(Diagnosis(MigrationError.unfitText(database: "d", reason: "r")).status == .badData)
        #expect(ExitStatus.worst(of: [.tryAgain, .unreachable, .badData]) == .badData)
    }

    @Test("Advice has the options of the command line that the command does not name itself")
    func advice() {
        let advice = MigrateAdvice(
            ["migrate", "up", "--role=orders", "--dir", "my migrations", "--context", "live", "--create-databases"])
        for (command, whole) in [
            (
                "shopctl migrate up",
                "shopctl migrate up --role orders --dir 'my migrations' --context live --create-databases"
            ),
            (
                "shopctl migrate repair --role orders --indexes",
                "shopctl migrate repair --role orders --dir 'my migrations' --context live --indexes"
            ),
            ("shopctl doctor", "shopctl doctor --context live"),
            ("shopctl migrate up --help", "shopctl migrate up --help"),
            ("shopctl error 511", "shopctl error 511"),
        ] { #expect(advice.keeping(command) == whole) }
        #expect(MigrateAdvice(["migrate", "status"]).keeping("shopctl migrate up") == "shopctl migrate up")
    }
}
