import FoundationEssentials
import Hosting
import TestSupport
import Testing

extension SystemTests {
    /// Every script of `examples/`, run as its reader would.
    @Suite(.inTurn, .serialized) struct ExampleTests {
        @Test func everyExampleRuns() async throws {
            var run: Set<String> = []
            try await withShop(.oneProcess) { shop in
                try await Self.readersSession(in: shop)
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
                #expect(watch.contains("next: shopctl queue peek products\n"))
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
            // Those have tests of their own: BackupTests, PartitionTests, KubernetesTests.
            run.formUnion(["backup", "restore", "partition", "kubernetes.yaml"])
            #expect(Set(all).subtracting(["README.md", "databases", "partitions"]) == run)
            let table = try repositoryFile("examples/README.md")
            for name in run { #expect(table.contains("`\(name)`")) }
        }

        /// What the help of `token issue` shows, in a shop that nobody has used.
        private static func readersSession(in shop: Shop) async throws {
            func paste(_ lines: [Substring]) async throws -> CommandResult {
                let directory = try Shopctl.program().dropLast("/shopctl".count)
                return try await Shell.run(
                    lines.joined(separator: "\n"), path: [String(directory)],
                    environment: shop.environment.merging(["SHOPCTL_GATEWAY_URL": shop.gateway.origin]) { $1 })
            }
            let help = try await Shopctl.run(["token", "issue", "--help"]).expect(0).output
            let examples = help.split(separator: "\n", omittingEmptySubsequences: false)
                .drop { $0 != "EXAMPLES:" }.dropFirst().prefix { !$0.isEmpty }
            let answer = try await paste(Array(examples)).expect(0).output.split(separator: "\n").last
            #expect(try JSON((answer ?? "").utf8)["balance"] == 0)
        }

        @Test("No script or text puts a token on a command line")
        func tokensAreRead() throws {
            var names = ["README.md"]
            for folder in ["tools", "examples", "man", "Benchmarks"] {
                names += try FileManager.default.subpathsOfDirectory(atPath: repositoryPath(folder))
                    .map { folder + "/" + $0 }
            }
            for name in names {
                guard let text = try? repositoryFile(name) else { continue }
                #expect(!text.contains(try Regex(#"-H\s*["']Authorization"#)), "\(name)")
            }
        }

        private static func run(_ name: String, in shop: Shop) async throws -> CommandResult {
            let own = [
                "SHOPCTL": try Shopctl.program(), "SHOPCTL_GATEWAY_URL": shop.gateway.origin,
                "SHOPCTL_ADMIN_URL": try shop.process(of: .gateway).admin.origin,
            ]
            return try await Shell.run(
                "exec '\(repositoryPath("examples/\(name)"))'", environment: shop.environment.merging(own) { $1 })
        }
    }
}
