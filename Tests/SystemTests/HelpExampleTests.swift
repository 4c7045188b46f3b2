import TestSupport
import Testing

extension SystemTests {
    /// The examples of the helps, as somebody pastes them who has just started a shop with `dev up --seed`.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct HelpExampleTests {
        /// The commands that only look, and need nothing besides what a seeded shop has.
        private static let reading = [
            "audit list", "category list", "customer cart", "customer show", "customer statement", "order list",
            "order show", "order story", "outbox list", "product list", "product show", "queue check", "queue list",
            "queue peek", "review list", "saga inspect", "saga list", "user list",
        ]

        /// All examples that are one line of such a command, without what reads its output.
        private func examples() async throws -> [String] {
            let dump = try await Shopctl.run(["--experimental-dump-help"]).expect(0).json
            var found: Set<String> = []
            func look(_ command: JSON) {
                let lines = (command["discussion"].text ?? "").split(separator: "\n")
                for line in lines.drop(while: { $0 != "EXAMPLES:" }) where line.hasPrefix("  shopctl ") {
                    var example = line.dropFirst(2)
                    if let pipe = example.firstIndex(of: "|") { example = example[..<pipe] }
                    // Deletions of products, further categories and ids of sagas are others in every shop.
                    let isOther = ["--watch", "product:", "garden", "-4fef-", "\\"].contains { example.contains($0) }
                    let isReading = Self.reading.contains { example.hasPrefix("shopctl \($0)") }
                    if isReading, !isOther { found.insert(String(example)) }
                }
                command["subcommands"].list.forEach(look)
            }
            look(dump["command"])
            return found.sorted()
        }

        @Test("What the helps name as examples is there in a shop that was seeded")
        func seeded() async throws {
            let shop = try Shop.current
            let environment = shop.environment.merging(["SHOPCTL_GATEWAY_URL": shop.gateway.origin]) { $1 }
            try await Shopctl.run(
                ["shop", "seed", "--password-file", shop.directory + "/demo-password"], environment: environment
            ).expect(0)
            try await shop.settle()
            let folder = try Shopctl.program().split(separator: "/").dropLast().joined(separator: "/")
            let shown = try await examples()
            for command in Self.reading {
                #expect(shown.contains { $0.hasPrefix("shopctl \(command)") }, "\(command) has no example")
            }
            for example in shown {
                let result = try await Shell.run(example, path: ["/" + folder], environment: environment)
                #expect(result.status == 0, "\(example): \(result)")
            }
        }
    }
}
