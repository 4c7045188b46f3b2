import FoundationEssentials
import Glibc
import Hosting
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

@testable import DevStack

extension SystemTests {
    /// The program installed, used and removed, as files under a prefix and as a Debian package.
    @Suite(.inTurn, .serialized) struct PackageTests {
        @Test("make install brings the program, every page and the completions, and make uninstall takes them away")
        func underAPrefix() async throws {
            let folder = try makeFolder()
            defer { removeTree(folder) }
            // The program that is tested stands for the release build.
            func make(_ goal: String) async throws {
                try await Self.run("make -o release \(goal) PREFIX=\(folder)/it").expect(0)
            }
            try await make("install")
            let program = folder + "/it/bin/shopctl"
            #expect(try await Self.run("\(program) --version").expect(0).output == "0.1.0\n")
            #expect(try size(program) < size(Shopctl.program()))
            let pages = try names("man").filter { $0.hasSuffix(".1") }
            #expect(
                try Set(pages) == Set(FileManager.default.contentsOfDirectory(atPath: folder + "/it/share/man/man1")))
            // Lines that stand by themselves, examples among them, are never filled up and wrapped.
            for page in pages {
                var isLiteral = false
                for line in try repositoryFile("man/\(page)").split(separator: "\n") {
                    if line.hasPrefix(".Bd -literal") { isLiteral = true }
                    if line.hasPrefix(".Ed") { isLiteral = false }
                    #expect(isLiteral || !line.hasPrefix(" "), "\(page): \(line)")
                }
            }
            for page in pages { #expect(try !repositoryFile("man/\(page)").contains("\n\n"), "\(page)") }
            let place = try repositoryFile("man/shopctl-order-place.1")
            for part in [
                ".Sh EXAMPLES\n.Bd -literal", "Fl \\-wait Ns Op Ns = Ns Ar \\&span\n", "(without a value: 30s)\n",
                "(values: table, wide, json, jsonl, yaml; default: table)\n",
            ] {
                #expect(place.contains(part), "\(part)")
            }
            let completion = try await Self.run(
                "source \(folder)/it/share/bash-completion/completions/shopctl && complete -p shopctl")
            #expect(completion.expect(0).output.hasSuffix(" shopctl\n"))
            // Once more, over what is there, while it runs.
            let running = try await ChildProcess.start(
                Command(program: program, arguments: ["dev", "logs", "--help"], environment: [:], directory: "/"),
                log: folder + "/log")
            try await make("install")
            await running.ended()
            #expect(running.status == .exited(0))
            try await make("uninstall")
            #expect(try await Self.run("find \(folder)/it -type f").expect(0).output.isEmpty)
        }

        @Test("The Debian package is installed, runs every role by its unit, and goes without a trace")
        func debianPackage() async throws {
            let folder = try makeFolder()
            defer { removeTree(folder) }
            let package = try await Self.run("tools/deb \(folder)").expect(0).output.filter { !$0.isNewline }
            let root = folder + "/root"
            let dpkg =
                "dpkg --root=\(root) --log=\(folder)/dpkg.log --force-depends --force-script-chrootless --force-not-root"
            try await Self.run(
                "mkdir -p \(root)/var/lib/dpkg/info && touch \(root)/var/lib/dpkg/status && \(dpkg) --install \(package)"
            ).expect(0)
            let depends = try await Self.run("dpkg-deb -f \(package) Depends").expect(0).output
            for library in ["libpq5", "librabbitmq4", "libhiredis0.14", "libssl3", "zlib1g", "ca-certificates"] {
                #expect(depends.contains(library), "\(depends)")
            }
            // Passwords are in it.
            var status = stat()
            #expect(stat(root + "/etc/shopctl/shop.env", &status) == 0 && status.st_mode & 0o777 == 0o600)
            try await theUnitsRun(root)
            try await Self.run("\(dpkg) --purge shopctl").expect(0)
            // The account stays, as those of Debian's packages do.
            let accounts =
                "\\( -path '*/var/lib/dpkg' -o -name '*passwd' -o -name '*group' -o -name '*shadow' -o -name .pwd.lock \\)"
            let left = try await Self.run("find \(root) \(accounts) -prune -o -type f -print").expect(0)
            #expect(left.output.isEmpty, "\(left.output)")
        }

        /// Runs the command lines of the units with the program that is installed.
        private func theUnitsRun(_ root: String) async throws {
            func command(_ unit: String, _ role: String = "") throws -> [String] {
                let text = try String(contentsOfFile: "\(root)/lib/systemd/system/\(unit).service", encoding: .utf8)
                let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
                return line.dropFirst("ExecStart=".count).split(separator: " ").map {
                    String($0).replacing("%i", with: role)
                }
            }
            try await withFixture { fixture in
                let program = root + "/usr/bin/shopctl"
                let shop = try await Shop.prepare(.fiveProcesses, on: fixture, migrates: false, program: program)
                let migrate = try command("shopctl-migrate").dropFirst().joined(separator: " ")
                try await Self.run("\(program) \(migrate)", shop.environment).expect(0)
                var adminPorts: Set<Substring> = []
                for role in Role.allCases {
                    let words = try command("shopctl@", role.rawValue)
                    #expect(words == ["/usr/bin/shopctl", "serve", role.rawValue])
                    let own = try String(contentsOfFile: "\(root)/etc/shopctl/\(role.rawValue).env", encoding: .utf8)
                    let settings = own.split(separator: "\n")
                    adminPorts.insert(try #require(settings.first { $0.hasPrefix("SHOPCTL_ADMIN_LISTEN=") }))
                    #expect(
                        settings.contains("SHOPCTL_AUTH_KEYS_FILE=/etc/shopctl/keys/keys.json") == (role == .gateway))
                }
                #expect(adminPorts.count == Role.allCases.count)
                try await shop.run {
                    _ = try await shop.gateway.send(.GET, "/api/products/toys").expect(200)
                }
            }
        }

        private static func run(_ script: String, _ environment: [String: String] = [:]) async throws -> CommandResult {
            var all = environment
            all["SHOPCTL"] = try Shopctl.program()
            return try await Shell.run(
                script, in: repositoryPath(""), path: ["/usr/sbin", "/sbin"], environment: all)
        }
    }
}

private func makeFolder() throws -> String {
    let directory = "/tmp/shopctl-package-\(randomHex(bytes: 6))"
    try #require(mkdir(directory, 0o755) == 0)
    return directory
}

private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: repositoryPath(folder))
}

private func size(_ path: String) throws -> Int {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return Int(status.st_size)
}
