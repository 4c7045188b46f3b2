import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import Testing

extension SystemTests {
    @Suite(.inTurn, .serialized) struct DockerfileTests {
        private let lines: [Substring]

        init() throws {
            let text = try repositoryFile("Dockerfile").replacing("\\\n", with: " ")
            lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        }

        /// The Debian packages that a stage installs.
        private func packages(_ stage: Int) throws -> Set<String> {
            let starts = lines.indices.filter { lines[$0].hasPrefix("FROM ") } + [lines.endIndex]
            let install = try #require(
                lines[starts[stage]..<starts[stage + 1]].first { $0.contains("apt-get install") })
            let words = install.split(separator: "install -y --no-install-recommends").last?.split(separator: "&&")
                .first
            return Set(words?.split(separator: " ").map(String.init) ?? [])
        }

        @Test("The build stage installs the libraries that the set-up does")
        func buildLibraries() throws {
            let wanted = try repositoryFile("tools/setup").split(separator: "\n")
                .compactMap { $0.hasPrefix("need ") ? $0.split(separator: " ")[1] : nil }
                .filter { $0.hasSuffix("-dev") || $0 == "pkg-config" }
            #expect(try packages(0) == Set(wanted.map(String.init)))
        }

        @Test("The final stage installs what the program is linked with, and libpq, which it loads later")
        func runtimeLibraries() async throws {
            let linked = try await run("ldd", try Shopctl.program())
            #expect(!linked.contains("libpq"))
            let libraries = linked.split(separator: "\n").filter { line in
                ["librabbitmq", "libhiredis", "libcrypto", "libz."].contains(where: { line.contains($0) })
            }
            var files = libraries.compactMap { line in
                line.split(separator: " ").first { $0.hasPrefix("/") }?.split(separator: "/").last
            }
            let loading = try repositoryFile("Sources/CPostgres/libpq.c").split(separator: "\n")
            let libpq = try #require(loading.first { $0.hasPrefix("#define LIBPQ ") })
            files.append(try #require(libpq.split(separator: "\"").last))
            var wanted: Set<String> = ["ca-certificates"]
            for file in files {
                // dpkg knows files by the place where the system's /lib leads to.
                let owner = try await run("dpkg", "-S", "*/\(file)")
                wanted.insert(String(try #require(owner.split(separator: ":").first)))
            }
            #expect(wanted.count == 6)
            #expect(try packages(1) == wanted)
        }

        @Test("Entry point and health check are the program's, and it runs without rights")
        func howItRuns() async throws {
            #expect(lines.contains(#"ENTRYPOINT ["shopctl"]"#))
            #expect(lines.contains("STOPSIGNAL SIGTERM"))
            #expect(lines.contains("USER shop"))
            let check = try #require(lines.first { $0.hasPrefix("HEALTHCHECK") })
            #expect(check.hasSuffix(#"CMD ["shopctl", "health"]"#))
            try await Shopctl.run(["health", "--help"]).expect(0)
            let command = try #require(lines.first { $0.hasPrefix("CMD ") })
            let words = try JSON(command.dropFirst("CMD ".count).utf8).list.compactMap(\.text)
            try await Shopctl.run(words).expect(0)
            for line in lines where line.hasPrefix("ENV ") {
                #expect(line.hasPrefix("ENV SHOPCTL_LOG_FORMAT="))
            }
        }

        private func run(_ program: String, _ arguments: String...) async throws -> String {
            let result = try await Subprocess.run(
                .name(program), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20))
            return result.standardOutput
        }
    }
}
