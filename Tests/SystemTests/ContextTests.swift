import FoundationEssentials
import Glibc
import Hosting
import TestSupport
import Testing

extension SystemTests {
    /// Shops by their names.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct ContextTests {
        /// A user's folder for configuration, gone afterwards.
        private func withHome(_ body: (String) async throws -> Void) async throws {
            let home = try Shop.current.directory + "/config-\(UUID().uuidString.prefix(8))"
            try await body(home)
            try? FileManager.default.removeItem(atPath: home)
        }

        private func shopctl(
            _ home: String, _ arguments: String..., environment: [String: String] = [:], input: String = ""
        ) async throws -> CommandResult {
            try await Shopctl.run(
                arguments, environment: environment.merging(["XDG_CONFIG_HOME": home]) { $1 }, input: input)
        }

        private func mode(_ path: String) async throws -> String {
            try await Shell.run("stat -c %a '\(path)'").expect(0).output
        }

        @Test("A shell's variables become a context, by which every command finds the shop, and nobody else reads it")
        func named() async throws {
            let shop = try Shop.current
            try await withHome { home in
                let none = try await shopctl(home, "saga", "list").expect(78)
                #expect(none.error.contains("dev env") && none.error.contains("--context"), "\(none)")
                let nothing = try await shopctl(home, "status").expect(78)
                #expect(nothing.error.contains("dev env") && nothing.error.contains("--context"), "\(nothing)")

                let admin = ["SHOPCTL_ADMIN_URL": try shop.process(of: .gateway).admin.origin]
                let set = try await shopctl(
                    home, "context", "set", "here", "--from-env", environment: shop.environment.merging(admin) { $1 }
                ).expect(0)
                #expect(set.error.contains("has the passwords of amqp.url"), "\(set)")
                let file = home + "/shopctl/contexts/here.json"
                #expect(try await mode(file) == "600\n")
                #expect(try await mode(home + "/shopctl/contexts") == "700\n")
                let listed = try await shopctl(home, "saga", "list", "--context", "here", "-o", "json").expect(0)
                #expect(listed.json["total"] == 0 && listed.error == "")
                #expect(try await shopctl(home, "health", "--context=here").expect(0).output.contains("ready"))
                try await shopctl(home, "saga", "list", environment: ["SHOPCTL_CONTEXT": "here"]).expect(0)
                let issued = try await shopctl(home, "token", "issue", "--user", "7", "--context", "here").expect(0)
                try await shop.get("/api/balance/7", token: String(issued.output.dropLast())).expect(200)

                let used = try await shopctl(home, "context", "use", "here").expect(0)
                #expect(used.output == "here is used\n")
                try await shopctl(home, "saga", "list").expect(0)
                try await shopctl(home, "context", "use", "--none").expect(0)
                try await shopctl(home, "saga", "list").expect(78)
                // Open to others it is refused: it may hold passwords.
                chmod(file, 0o644)
                let open = try await shopctl(home, "saga", "list", "--context", "here").expect(78)
                #expect(open.error.hasPrefix("error[SHOP-862]") && open.error.contains("chmod 600"), "\(open)")
                let faulty = try await shopctl(home, "context", "list", "-o", "json").expect(0)
                #expect(faulty.json["contexts"][0]["fault"].text?.contains("chmod 600") == true)
            }
        }

        @Test("Of a setting the first counts of: flag, context by --context, variable, other context, file")
        func precedence() async throws {
            let shop = try Shop.current
            try await withHome { home in
                // Whose key it is tells where the setting came from.
                var keys: [String: String] = [:]
                for name in ["flag", "variable", "context", "file"] {
                    keys[name] = shop.directory + "/\(name).json"
                    try await shopctl(home, "token", "keys", "generate", "--file", keys[name] ?? "").expect(0)
                }
                let config = shop.directory + "/precedence.json"
                try Data(#"{"auth": {"keys-file": "\#(keys["file"] ?? "")"}}"#.utf8).write(to: URL(filePath: config))
                try await shopctl(home, "context", "set", "c", "auth.keys-file=\(keys["context"] ?? "")").expect(0)
                func kid(_ name: String) throws -> String { try SigningKeys(file: keys[name] ?? "").activeKeyID }
                func signer(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
                    String?, String
                ) {
                    let listed = try await Shopctl.run(
                        ["token", "keys", "list", "-o", "json"] + arguments,
                        environment: environment.merging(["XDG_CONFIG_HOME": home]) { $1 }
                    ).expect(0)
                    return (listed.json["keys"][0]["kid"].text, listed.error)
                }
                let all = ["--context", "c", "--config", config]
                let variable = ["SHOPCTL_AUTH_KEYS_FILE": keys["variable"] ?? ""]
                let flag = ["--auth-keys-file", keys["flag"] ?? ""]
                #expect(try await signer(all + flag, environment: variable).0 == kid("flag"))
                let (byContext, told) = try await signer(all, environment: variable)
                #expect(try byContext == kid("context") && told == "", "who names a shop means that one")
                let named = variable.merging(["SHOPCTL_CONTEXT": "c"]) { $1 }
                #expect(try await signer(["--config", config], environment: named).0 == kid("variable"))
                #expect(
                    try await signer(["--config", config], environment: ["SHOPCTL_CONTEXT": "c"]).0 == kid("context"))
                #expect(try await signer(["--config", config]).0 == kid("file"))
            }
        }

        @Test("Passwords are no arguments; a file that is named is read each time")
        func secrets() async throws {
            let shop = try Shop.current
            try await withHome { home in
                let amqp = try #require(shop.environment["AMQP_URL"])
                let refused = try await shopctl(home, "context", "set", "c", "amqp.url=\(amqp)").expect(78)
                #expect(refused.error.contains("amqp.url-file=PATH") && !refused.error.contains(amqp), "\(refused)")
                #expect(try await shopctl(home, "context", "list").expect(0).error.contains("there is none yet"))

                let secret = shop.directory + "/amqp-url"
                try Data("amqp://nobody:wrong@127.0.0.1:9/x\n".utf8).write(to: URL(filePath: secret))
                let set = try await shopctl(home, "context", "set", "c", "amqp.url-file=\(secret)", "-o", "json")
                    .expect(0)
                #expect(set.error == "" && set.json["values"][0]["password_in_file"] == false)
                try await shopctl(home, "queue", "list", "--context", "c").expect(69)
                try Data("\(amqp)\n".utf8).write(to: URL(filePath: secret))
                try await shopctl(home, "queue", "list", "--context", "c").expect(0)

                let typed = try await shopctl(home, "context", "set", "d", "amqp.url=-", input: amqp + "\n").expect(0)
                #expect(typed.error.contains("has the passwords of amqp.url"))
                let password = try #require(amqp.split(separator: "@").first?.split(separator: ":").last)
                let shown = try await shopctl(home, "context", "show", "d").expect(0)
                #expect(shown.output.contains("***") && !(shown.output + typed.output).contains(password), "\(shown)")
                try await shopctl(home, "queue", "list", "--context", "d").expect(0)
            }
        }

        @Test("What is wrong is told by name, with the nearest; what is deleted is used no more")
        func wrong() async throws {
            try await withHome { home in
                try await shopctl(home, "context", "set", "staging", "gateway.url=http://10.0.0.1:80").expect(0)
                let near = try await shopctl(home, "status", "--context", "stagin").expect(66)
                #expect(near.error.hasPrefix("error[SHOP-861]") && near.error.contains("is it 'staging'?"), "\(near)")
                for arguments in [["context", "show", "../x"], ["context", "set", ".x", "amqp.url=-"]] {
                    let bad = try await Shopctl.run(arguments, environment: ["XDG_CONFIG_HOME": home]).expect(64)
                    #expect(bad.error.contains("letters, digits"), "\(bad)")
                }
                let unknown = try await shopctl(home, "context", "set", "staging", "amqp.ur=x").expect(78)
                #expect(unknown.error.contains("is it 'amqp.url'?"), "\(unknown)")
                let file = home + "/shopctl/contexts/odd.json"
                try Data(#"{"amqp.ur": "x"}"#.utf8).write(to: URL(filePath: file))
                chmod(file, 0o600)
                let odd = try await shopctl(home, "saga", "list", "--context", "odd").expect(78)
                #expect(odd.error.contains("context 'odd': \(file), line 1: 'amqp.ur'"), "\(odd)")
                unlink(file)
                let value = try await shopctl(home, "context", "set", "staging", "saga.sweep=often").expect(78)
                #expect(value.error.contains("saga.sweep"), "\(value)")
                try await shopctl(home, "context", "set", "staging", "no-value").expect(64)
                try await shopctl(home, "context", "set", "staging", "--unset", "redis.url").expect(66)
                try await shopctl(home, "context", "show").expect(66)

                try await shopctl(home, "context", "use", "staging").expect(0)
                #expect(
                    try await shopctl(home, "context", "list", "-o", "json").expect(0).json["contexts"][0]["current"]
                        == true)
                try await shopctl(home, "context", "delete", "staging", "--dry-run").expect(0)
                #expect(try await shopctl(home, "context", "show", "-o", "json").expect(0).json["name"] == "staging")
                let deleted = try await shopctl(home, "context", "delete", "staging").expect(0)
                #expect(deleted.output == "staging is deleted; none is used any more\n")
                try await shopctl(home, "context", "delete", "staging").expect(66)
                // Nothing of it stands in the way.
                try await shopctl(home, "error", "101").expect(0)
            }
        }
    }
}
