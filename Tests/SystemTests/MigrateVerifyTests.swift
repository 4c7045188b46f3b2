import Postgres
import TestSupport
import Testing

extension SystemTests.MigrateTests {
    @Test("A changed file: verify says so with 2, repair accepts it with a reason")
    func changed() async throws {
        try await withScene { scene in
            try scene.write("1_notes.up.sql", "CREATE TABLE notes ();")
            let place = ["--role", "reviews", "--dir", scene.folder]
            func run(_ arguments: String...) async throws -> CommandResult {
                try await Shopctl.run(["migrate"] + arguments + place, environment: scene.environment)
            }
            try await run("up").expect(0)
            try await run("verify").expect(0)
            try scene.write("1_notes.up.sql", "CREATE TABLE notes (); -- more")
            for way in ["up", "status"] {
                let warned = try await run(way).expect(0)
                let warning = "warning: reviews: applied from other SQL than what is here: 1_notes; "
                #expect(
                    warned.error.contains(
                        "\(warning)shopctl migrate verify --role reviews --dir \(scene.folder)\n"),
                    "\(warned)")
            }
            let told = try await run("verify").expect(2)
            #expect(told.error.contains("SHOP-507") && told.error.contains("1 notes changed"), "\(told)")
            #expect(
                told.output.contains("migrate repair --role reviews --dir \(scene.folder) --accept 1"), "\(told)")
            let dry = try await run("repair", "--accept", "1", "--reason", "a comment", "--dry-run").expect(0)
            #expect(dry.output.hasPrefix("would be: "))
            try await run("verify").expect(2)
            try await run("repair", "--accept", "1", "--reason", "a comment").expect(0)
            try await run("verify").expect(0)
            #expect(try await run("up").expect(0).error == "")
            let history = try await scene.run("history", "--role", "reviews").expect(0)
            #expect(history.output.contains("accepted the checksum: a comment"), "\(history)")
            let none = try await run("repair", "--clear-dirty", "--reason", "x").expect(65)
            #expect(none.error.contains("SHOP-509"))
        }
    }

    @Test(
        "A file below the database's version was never applied: status and verify say so, baseline takes nothing over")
    func neverApplied() async throws {
        try await withScene { scene in
            try scene.write("7_notes.up.sql", "CREATE TABLE notes ();")
            try scene.write("13_tags.up.sql", "CREATE TABLE tags ();")
            let place = ["--role", "reviews", "--dir", scene.folder]
            func run(_ arguments: String...) async throws -> CommandResult {
                try await Shopctl.run(["migrate"] + arguments + place, environment: scene.environment)
            }
            try await run("up").expect(0)
            try scene.write("8_late.up.sql", "CREATE TABLE late ();")
            let status = try await run("status", "--check").expect(2)
            #expect(status.output.contains("8_late never applied"), "\(status)")
            #expect(status.output.contains("next: shopctl migrate verify --role reviews --dir \(scene.folder)\n"))
            let told = try await run("verify").expect(2)
            #expect(told.output.contains("reviews 8_late was never applied"), "\(told)")
            #expect(told.error.contains("SHOP-507") && told.error.contains("reviews: 8 late never applied"), "\(told)")
            #expect(told.error.contains("version above 13") && !told.output.contains("baseline"), "\(told)")
            _ = try await scene.json(
                "migration-verify", 2, "verify", "--role", "reviews", "--dir", scene.folder)
            let refused = try await run("baseline", "--from-golang-migrate").expect(65)
            #expect(refused.error.contains("8_late was never applied"), "\(refused)")
            try await run("verify").expect(2)
        }
    }
}
