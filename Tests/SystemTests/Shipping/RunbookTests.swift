import Testing

extension SystemTests {
    /// `docs/runbook.md` and the recorded session beside it, held against the program.
    @Suite struct RunbookTests {
        @Test(
            "Every command of the runbook and of the recorded night is one, with the flags that it shows",
            arguments: ["docs/runbook.md", "docs/outage-session.md"])
        func commands(_ name: String) async throws {
            let text = try repositoryFile(name)
            let quoted = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) }.map { $0.element }
            let indented = text.split(separator: "\n").filter { $0.hasPrefix("    shopctl ") }.map { $0.dropFirst(4) }
            let typed = text.split(separator: "\n").filter { $0.hasPrefix("$ shopctl ") }.map { $0.dropFirst(2) }
            let lines = Set((quoted + indented + typed).filter { $0.hasPrefix("shopctl ") }.map(String.init))
            #expect(lines.count > 10)
            for line in lines.sorted() {
                let words = line.split(separator: " ").dropFirst().map(String.init)
                let command = Array(
                    words.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-") })
                // What follows the command is an argument: a role, a file.
                var help: CommandResult?
                for count in stride(from: command.count, to: 0, by: -1) where help == nil {
                    let result = try await Shopctl.run(command.prefix(count) + ["--help"])
                    if result.status == 0,
                        result.output.contains("USAGE: shopctl \(command.prefix(count).joined(separator: " "))")
                    {
                        help = result
                    }
                }
                let shown = try #require(help, "\(line)").output
                for flag in words where flag.hasPrefix("--") && flag != "--help" {
                    let name = flag.split(separator: "=")[0]
                    #expect(shown.contains(name), "\(line)")
                }
            }
        }

        @Test("Every kind of finding has its entry")
        func findings() throws {
            let text = try repositoryFile("docs/runbook.md")
            var kinds: Set<String> = []
            for name in ["ShopStatus+Backends", "ShopStatus+Processes", "ShopStatus+Queues", "ShopStatus+Sagas"] {
                let source = try repositoryFile("Sources/ShopctlCommands/Status/\(name).swift")
                for match in source.matches(of: /(?:critical|warning)\(\s*"([a-z_]+)"/) {
                    kinds.insert(String(match.1))
                }
                for match in source.matches(of: /\? "([a-z]+_[a-z_]+)" : "([a-z]+_[a-z_]+)"/) {
                    kinds.formUnion([String(match.1), String(match.2)])
                }
            }
            #expect(kinds.count > 15)
            for kind in kinds { #expect(text.contains("`\(kind)`"), "\(kind)") }
        }
    }
}
