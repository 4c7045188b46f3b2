import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import DevStack

extension SystemTests {
    /// What a new reader types from `README.md`, as it stands there.
    @Suite(.inTurn, .serialized) struct ReadmeTests {
        /// The lines of code of a section; its pictures are none.
        private func commands(of section: String) throws -> [String] {
            let text = try repositoryFile("README.md")
            let start = try #require(text.firstRange(of: "\n## \(section)\n"))
            let rest = text[start.upperBound...]
            let end = rest.firstRange(of: "\n## ")?.lowerBound ?? rest.endIndex
            let parts = rest[..<end].split(separator: "```", omittingEmptySubsequences: false).enumerated()
            return parts.filter { $0.offset.isMultiple(of: 2) }.flatMap { $0.element.split(separator: "\n") }
                .filter { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
        }

        @Test("Installed as it says, the first session ends with a confirmed order and its story")
        func firstSession() async throws {
            let home = "/tmp/shopctl-readme-\(randomHex(bytes: 6))"
            try makeDirectory(home, mode: 0o711)
            defer { removeTree(home) }
            let data = home + "/shop"
            // The usual folder of a private shop may be in use on this machine.
            let environment = ["HOME": home, "SHOPCTL": try Shopctl.program(), "SHOPCTL_DEV_DIRECTORY": data]
            func paste(_ lines: [String]) async throws -> CommandResult {
                try await Shell.run(
                    (["set -eo pipefail"] + lines).joined(separator: "\n"), in: repositoryPath(""),
                    environment: environment)
            }
            let getting = try commands(of: "Getting it").filter { !$0.hasPrefix("make deb") }
            // The program that is tested stands for the release build.
            let install = getting.map { $0.replacing("make install", with: "make -o release install") }
            let known = [
                "complete -p shopctl", "command -v shopctl", "test -f \"${MANPATH%:}/man1/shopctl.1\"",
            ]
            let installed = try await paste(install + known).expect(0)
            #expect(installed.output.hasSuffix("\(home)/.local/bin/shopctl\n"), "\(installed)")

            var session = try commands(of: "A first session")
            let start = session.removeFirst().prefix { $0 != "#" }.split(separator: " ").map(String.init)
            #expect(start == ["shopctl", "dev", "up", "--seed"])
            let program = home + "/.local/bin/shopctl"
            let setUp = getting.filter { !$0.hasPrefix("make ") }
            try await PrivateShop.run(Array(start.dropFirst(3)), in: data, program: program) { shop in
                let end = try #require(session.firstIndex { $0.contains("confirmed") })
                #expect(end == 3)
                let bought = try await paste(setUp + session[...end]).expect(0)
                #expect(bought.output.contains("confirmed"), "\(bought)")
                let after = try await paste(setUp + [session[0]] + session[(end + 1)...]).expect(0)
                #expect(after.output.contains("DECIDED: confirm") && after.error == "", "\(after)")
            }
        }
    }
}
