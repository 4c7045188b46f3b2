import FoundationEssentials
import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// Tokens as operators read, judge and take them back.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct TokenTests {
        private func issue(_ shop: Shop, _ arguments: String...) async throws -> String {
            let issued = try await Shopctl.run(["token", "issue"] + arguments, environment: shop.environment).expect(0)
            return String(issued.output.dropLast())
        }

        @Test("inspect tells what a token says, from standard input or a file, and never takes it as an argument")
        func inspect() async throws {
            let shop = try Shop.current
            let token = try await issue(shop, "--user", "5", "--scope", "reports", "--ttl", "1h")
            let told = try await Shopctl.run(["token", "inspect", "-", "-o", "json"], input: token + "\n").expect(0)
            #expect(told.json["subject"] == "5" && told.json["verified"] == false && told.json["expired"] == false)
            #expect(told.json["scopes"].list == ["reports"] && told.json["algorithm"] == "ES256")
            #expect(told.json["kid"].text == shop.keys.activeKeyID)
            #expect(try JSON(told.error.utf8)["notes"][0].text?.hasPrefix("not verified") == true, "\(told)")

            let file = shop.directory + "/token.txt"
            try Data("Authorization: Bearer \(token)\n".utf8).write(to: URL(filePath: file))
            let table = try await Shopctl.run(["token", "inspect", "--file", file]).expect(0)
            #expect(table.output.contains("subject      5\n") && table.output.contains("(in 59 m)"), "\(table)")
            #expect(!(table.output + table.error).contains(token))

            // {"alg":"none"}, and {"sub":"7","exp":99999999999999999999,"iat":"x"}
            let odd = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3IiwiZXhwIjo5OTk5OTk5OTk5OTk5OTk5OTk5OSwiaWF0IjoieCJ9.AAAA"
            let absurd = try await Shopctl.run(["token", "inspect", "-"], input: odd).expect(0)
            for name in ["iat", "exp"] { #expect(absurd.error.contains("its \(name) is no time"), "\(absurd)") }
            #expect(!absurd.error.contains("its nbf") && !table.error.contains("is no time"), "\(absurd)")

            let refused = try await Shopctl.run(["token", "inspect", token]).expect(64)
            #expect(refused.error.contains("must not stand among the arguments") && !refused.error.contains(token))
            try await Shopctl.run(["token", "inspect"]).expect(64)
            try await Shopctl.run(["token", "inspect", "-", "--file", file]).expect(64)
            for text in ["", "nonsense", "a.b.c", "\(token) \(token)"] {
                let none = try await Shopctl.run(["token", "inspect", "-"], input: text).expect(65)
                #expect(none.output == "" && none.error.hasPrefix("error[SHOP-705]"), "\(text): \(none)")
            }
        }

        @Test("verify answers as the shop does: 0 for a token that is believed, 1 with the reason for another")
        func verify() async throws {
            let shop = try Shop.current
            let token = try await issue(shop, "--user", "5")
            let believed = try await shop.run("token", "verify", "-", "-o", "json", input: token).expect(0)
            #expect(believed.json["valid"] == true && believed.json["reason"] == .null && believed.error == "")
            #expect(try await shop.run("token", "verify", "-", input: token).output.hasPrefix("believed\n"))
            // With the public halves alone.
            let jwks = shop.directory + "/jwks.json"
            let published = try await shop.run("token", "keys", "jwks").expect(0).output
            try Data(published.utf8).write(to: URL(filePath: jwks))
            try await Shopctl.run(
                ["token", "verify", "-"], environment: ["SHOPCTL_AUTH_JWKS_FILE": jwks], input: token
            ).expect(0)

            let document = try await shop.run("token", "keys", "jwks", "-o", "json").expect(0)
            let same = try JSON(published.utf8)["keys"]
            #expect(document.json["schema_version"] == 1 && document.json["keys"] == same)
            try Data(document.output.utf8).write(to: URL(filePath: jwks))
            try await Shopctl.run(
                ["token", "verify", "-"], environment: ["SHOPCTL_AUTH_JWKS_FILE": jwks], input: token
            ).expect(0)

            func refuse(_ token: String, _ kind: String, environment: [String: String] = [:]) async throws {
                let refused = try await shop.run(
                    "token", "verify", "-", "-o", "json", environment: environment, input: token
                ).expect(2)
                #expect(refused.json["valid"] == false && refused.json["reason"].text == kind, "\(refused)")
                #expect(try JSON(refused.error.utf8)["error"]["code"] == "SHOP-706", "\(refused)")
            }
            try await refuse(token, "wrong_audience", environment: ["SHOPCTL_AUTH_AUDIENCE": "others"])
            try await refuse(String(token.dropLast(4)) + "AAAA", "bad_signature")
            let other = shop.directory + "/strangers.json"
            try await shop.run("token", "keys", "generate", "--file", other).expect(0)
            let strange = try await shop.run(
                "token", "issue", "--user", "5", environment: ["SHOPCTL_AUTH_KEYS_FILE": other]
            ).expect(0).output
            try await refuse(strange, "unknown_key")
            let table = try await shop.run("token", "verify", "-", input: strange).expect(2)
            #expect(table.output.hasPrefix("not believed: ") && table.error.hasPrefix("error[SHOP-706]: "), "\(table)")
            try await shop.run("token", "verify", "-", input: "nonsense").expect(65)
            try await Shopctl.run(["token", "verify", "-"], input: token).expect(78)
        }

        @Test("revoke ends a user's sessions, says what it cannot end, and keeps the reason")
        func revoke() async throws {
            let shop = try Shop.current
            let rita = try await shop.signUp("Rita")
            let id = rita.id
            let open = try await shop.number(
                .gateway,
                "SELECT count(*) FROM refresh_token_families WHERE user_id = \(id) AND revoked_at IS NULL")
            try #require(open > 0)

            let dry = try await shop.run(
                "token", "revoke", "--user", "\(id)", "--reason", "a test", "--dry-run", "-o", "json"
            ).expect(0)
            #expect(dry.json["sessions"].integer == open && dry.json["dry_run"] == true)
            #expect(
                try await shop.number(
                    .gateway,
                    "SELECT count(*) FROM refresh_token_families WHERE user_id = \(id) AND revoked_at IS NULL") == open)
            let revoked = try await shop.run("token", "revoke", "--user", "\(id)", "--reason", "a test").expect(0)
            #expect(revoked.output.contains("of \(rita.email)") && revoked.error.contains("up to 15 minutes"))
            try await shop.post("/auth/refresh", body: ["refresh_token": .text(rita.refreshToken)])
                .expectProblem(401, "invalid_refresh_token")
            let trail = try await shop.run("audit", "list", "--user", "\(id)", "-o", "json")
            let told = trail.json["entries"].list.first { $0["action"] == "session.revoke" }
            #expect(told?["reason"] == "a test", "\(trail)")
            let again = try await shop.run(
                "token", "revoke", "--user", "\(id)", "--reason", "once more", "-o", "json"
            ).expect(0)
            #expect(again.json["sessions"] == 0)

            let nobody = try await shop.run("token", "revoke", "--user", "999999", "--reason", "a test").expect(66)
            #expect(nobody.error.contains("SHOP-707"))
            try await shop.run("token", "revoke", "--user", "\(id)").expect(64)
            try await shop.run("token", "revoke", "--user", "\(id)", "--reason", " ").expect(64)
        }

        @Test("The reason of a key's change is in the gateway's audit trail; where that cannot be, nothing changes")
        func keyReasons() async throws {
            let shop = try Shop.current
            let path = shop.directory + "/reasons.json"
            try await shop.run("token", "keys", "generate", "--file", path).expect(0)
            let old = try #require(try SigningKeys(file: path).keyIDs.first)
            let rotate = ["token", "keys", "rotate", "--file", path, "--reason", "every quarter"]
            let nowhere = ["SHOPCTL_GATEWAY_DATABASE_URL": "postgres://shop:x@127.0.0.1:9/x"]
            for more in [[], ["--dry-run"]] {
                let refused = try await Shopctl.run(
                    rotate + more, environment: shop.environment.merging(nowhere) { $1 }
                ).expect(69)
                #expect(refused.error.contains("audit trail of gateway"), "\(refused)")
            }
            let dry = try await Shopctl.run(rotate + ["--dry-run"], environment: shop.environment).expect(0)
            #expect(dry.output.hasSuffix("nothing was done\n"), "\(dry)")
            let would = try await Shopctl.run(rotate + ["--dry-run", "-o", "json"], environment: shop.environment)
                .expect(0).json
            #expect(try JSONSchema(name: "keys").faults(in: would) == [])
            #expect(would["keys"].list.map { $0["dry_run"] } == [true, true], "\(would)")
            #expect(try SigningKeys(file: path).keyIDs == [old])

            try await Shopctl.run(rotate, environment: shop.environment).expect(0)
            let new = try #require(try SigningKeys(file: path).keyIDs.first { $0 != old })
            // At a terminal what retiring would cut off stays, and ids are cut: 'retire' takes such a beginning.
            let list = "stty cols 80; \(try Shopctl.program()) token keys list --file '\(path)'"
            let shown = try await Shell.run("script -qec \"\(list)\" /dev/null", environment: shop.environment).expect(
                0)
            let lines = shown.output.split(whereSeparator: \.isNewline)
            #expect(lines.first?.contains("SIGNED UNTIL") == true, "\(shown)")
            #expect(lines.first?.contains("RETIRING CUTS OFF") == true, "\(shown)")
            let cut = try #require(lines.first { $0.contains("customers' tokens") }?.split(separator: " ").first)
            #expect(old.hasPrefix(cut) && cut.count < old.count, "\(shown)")
            try await shop.run("token", "keys", "retire", String(cut), "--file", path, "--dry-run").expect(0)
            let look = try await shop.run("token", "keys", "retire", old, "--file", path, "--dry-run").expect(0)
            #expect(look.output.hasSuffix("nothing was done\n") && look.error.contains("would be refused"), "\(look)")
            #expect(try SigningKeys(file: path).keyIDs.contains(old))
            let retired = try await shop.run(
                "token", "keys", "retire", old, "--file", path, "--reason", "it has leaked", "-o", "json"
            ).expect(0).json
            #expect(retired["keys"].list.map { $0["dry_run"] } == [false], "\(retired)")
            #expect(try SigningKeys(file: path).keyIDs == [new])
            let trail = try await shop.run("audit", "list", "-o", "json").expect(0).json["entries"].list
            let keys = trail.filter { $0["action"].text?.hasPrefix("token.keys.") == true }
            #expect(
                keys.map { $0["action"].text } == ["token.keys.retire \(old)", "token.keys.rotate \(new)"], "\(keys)")
            #expect(keys.map { $0["reason"] } == ["it has leaked", "every quarter"], "\(keys)")
        }
    }
}
