import FoundationEssentials
import Hosting
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension SystemTests {
    /// Every script of `examples/`, run as its reader would.
    @Suite struct ExampleTests {
        @Test func everyExampleRuns() async throws {
            var run: Set<String> = []
            try await withShop(.oneProcess) { shop in
                func example(_ name: String, _ status: Int32) async throws -> String {
                    run.insert(name)
                    return try await Self.run(name, in: shop).expect(status).output
                }
                #expect(try await example("night-watch", 0).contains("nothing needs a hand"))
                #expect(try await JSON(example("mint-token", 0).utf8)["balance"] == 0)
                let tour = try await example("api-tour", 0)
                #expect(tour.contains(#""state":"cancelled""#))
                #expect(tour.contains(#""kind":"order_confirmed""#))
                try await shop.checkInvariants()
                // With a letter that nobody can read, the watch wakes somebody.
                try await shop.publishGarbage(to: .products)
                try await eventually("the watch sees the dead letter") {
                    try await Self.run("night-watch", in: shop).status == 2
                }
                let watch = try await example("night-watch", 2)
                #expect(watch.contains("shopctl queue replay products"))
            }
            try await withFixture { fixture in
                // Nothing is migrated yet.
                let shop = try await Shop.prepare(.oneProcess, on: fixture, migrates: false)
                run.insert("ci-migrate")
                let result = try await Self.run("ci-migrate", in: shop).expect(0)
                #expect(!result.error.contains("error"))
                try await shop.run("migrate", "status", "--check").expect(0)
            }
            let all = try FileManager.default.contentsOfDirectory(atPath: repositoryPath("examples"))
            #expect(Set(all).subtracting(["README.md"]) == run)
            let table = try repositoryFile("examples/README.md")
            for name in run { #expect(table.contains("| `\(name)` |")) }
        }

        private static func run(_ name: String, in shop: Shop) async throws -> CommandResult {
            var variables: [Environment.Key: String] = [:]
            let own = [
                "SHOPCTL": try Shopctl.program(), "SHOPCTL_GATEWAY_URL": shop.gateway.origin,
                "PATH": "/usr/local/bin:/usr/bin:/bin",
            ]
            for (name, value) in Shopctl.baseEnvironment.merging(shop.environment, uniquingKeysWith: { $1 })
                .merging(own, uniquingKeysWith: { $1 })
            {
                if let key = Environment.Key(rawValue: name) { variables[key] = value }
            }
            let result = try await Subprocess.run(
                .path(FilePath(repositoryPath("examples/\(name)"))), environment: .custom(variables),
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
            return CommandResult(status: status, output: result.standardOutput, error: result.standardError)
        }
    }
}
