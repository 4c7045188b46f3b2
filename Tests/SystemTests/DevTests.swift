import FoundationEssentials
import Glibc
import NIOHTTP1
import TestSupport
import Testing

@testable import DevStack

extension SystemTests {
    /// `dev up` with the real program, in a folder of an odd name.
    @Suite(.inTurn, .serialized) struct DevTests {
        private func withFolder(_ body: (String) async throws -> Void) async throws {
            let parent = "/tmp/shopctl-dev-tests-\(randomHex(bytes: 6))"
            try makeDirectory(parent, mode: 0o711)
            defer { removeTree(parent) }
            try await body(parent + "/it's a größe")
        }

        @Test("Bare servers: every command works with what dev env prints")
        func onlyServers() async throws {
            try await withFolder { directory in
                try await PrivateShop.run(["--only-servers"], in: directory) { _ in
                    let script = """
                        set -e
                        eval "$("$SHOPCTL" dev env --data-dir "$FOLDER")"
                        "$SHOPCTL" migrate status --check && exit 1
                        "$SHOPCTL" migrate up
                        "$SHOPCTL" migrate status --check
                        "$SHOPCTL" token issue --user 1
                        "$SHOPCTL" queue list
                        "$SHOPCTL" saga list
                        "$SHOPCTL" user list
                        "$SHOPCTL" audit list
                        "$SHOPCTL" dev status --check
                        """
                    let result = try await Shell.run(
                        script, environment: ["SHOPCTL": try Shopctl.program(), "FOLDER": directory])
                    #expect(result.status == 0, "\(result)")
                }
            }
        }

        /// The processes of that name whose parent is this one.
        private func children(of parent: Int64, named name: String) throws -> [Int32] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter { pid in
                let status = String(decoding: readSmallFile("/proc/\(pid)/status") ?? [], as: UTF8.self)
                let lines = status.split(separator: "\n")
                return lines.contains("Name:\t\(name)") && lines.contains("PPid:\t\(parent)")
            }
        }

        @Test("A server that dies ends all, with its name and its log")
        func deadServer() async throws {
            try await withFolder { directory in
                let failure =
                    "Redis has ended unexpectedly (signaled(\(SIGKILL))); its log: \(directory)/logs/redis.log"
                try await PrivateShop.run(["--only-servers"], in: directory, failure: failure) { shop in
                    let redis = try children(of: shop.status["pid"].integer ?? 0, named: "redis-server")
                    try #require(redis.count == 1, "\(shop.status)")
                    kill(redis[0], SIGKILL)
                }
            }
        }

        @Test(
            "A standard error that nobody reads keeps it from neither starting nor ending; it takes all descriptors it can"
        )
        func nobodyReads() async throws {
            try await withFolder { directory in
                let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
                let (ready, path) = (parent + "/ready.json", parent + "/log")
                try #require(mkfifo(path, 0o600) == 0)
                // Open for both, so that the program's own opening finds a reader, which never reads.
                let pipe = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
                try #require(pipe >= 0)
                defer { close(pipe) }
                let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
                while write(pipe, chunk, chunk.count) > 0 {}
                try #require(errno == EAGAIN)
                let limited = ["-c", "ulimit -S -n 1000 && exec \"$0\" \"$@\"", try Shopctl.program()]
                let child = try await ChildProcess.start(
                    Command(
                        program: "/bin/sh",
                        arguments: limited + ["dev", "up", "--data-dir", directory, "--ready-file", ready],
                        environment: Shopctl.baseEnvironment.merging(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 },
                        directory: "/"), log: path)
                do {
                    try await eventually("dev up is ready", timeout: .seconds(240), interval: .milliseconds(100)) {
                        try #require(child.status == nil)
                        return access(ready, F_OK) == 0
                    }
                    let status = try JSON(readSmallFile(ready) ?? [])
                    let limits = readSmallFile("/proc/\(status["pid"].integer ?? 0)/limits") ?? []
                    let line = String(decoding: limits, as: UTF8.self).split(separator: "\n").first {
                        $0.hasPrefix("Max open files")
                    }
                    let words = (line ?? "").split(separator: " ")
                    #expect(words.count == 6 && words[3] != "1000", "\(line ?? "")")
                } catch {
                    child.send(SIGKILL)
                    await child.ended()
                    throw error
                }
                child.send(SIGTERM)
                await child.ended()
                #expect(String(describing: child.status).contains("exited(0)"))
            }
        }

        @Test("An address that is taken is named with its setting")
        func takenAddress() async throws {
            try await withFolder { directory in
                let held = try Listener(port: 0)
                defer { held.close() }
                let address = "127.0.0.1:\(held.port)"
                let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
                let child = try await ChildProcess.start(
                    Command(
                        program: try Shopctl.program(),
                        arguments: ["dev", "up", "--data-dir", directory, "--gateway-listen", address],
                        environment: Shopctl.baseEnvironment.merging(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 },
                        directory: "/"), log: parent + "/log")
                await child.ended()
                #expect(String(describing: child.status).contains("exited(69)"))
                let text = String(decoding: readSmallFile(parent + "/log") ?? [], as: UTF8.self)
                #expect(
                    text.contains("cannot listen on \(address) (gateway.listen): Address already in use"), "\(text)")
                #expect(text.contains("SHOPCTL_GATEWAY_LISTEN"), "\(text)")
            }
        }

        @Test("A shop comes back at the addresses that it had, whatever has become of the default ports")
        func ports() async throws {
            try await withFolder { directory in
                // All default ports, as another shop might take one between the first start and the second. One that cannot
                // be held is somebody else's.
                let held = [8080, 9000, 9001, 9002, 9003, 9004].map { try? Listener(port: $0) }
                var first = JSON.null
                try await PrivateShop.run([], in: directory) { first = $0.status["services"] }
                for listener in held { listener?.close() }
                #expect(first.names.count == 6)
                #expect(held[0] == nil || first["gateway"] != "http://127.0.0.1:8080")
                // Commands judge by what the servers were given, and each process has its own log.
                let given = ["--set", "saga.stuck-after=21", "--saga-deadline", "62", "--set", "log.level=error"]
                try await PrivateShop.run(given, in: directory) {
                    #expect($0.status["services"] == first)
                    let printed = try await Shopctl.run(["dev", "env", "--data-dir", directory]).expect(0).output
                    for line in ["export SHOPCTL_SAGA_STUCK_AFTER='21'", "export SHOPCTL_SAGA_DEADLINE='62'"] {
                        #expect(printed.split(separator: "\n").contains { $0 == line }, "\(printed)")
                    }
                    #expect(!printed.contains("LOG_LEVEL"), "\(printed)")
                }
            }
        }

        @Test("A seeded shop tells where its pages and people are; started again it is seeded no second time")
        func seeded() async throws {
            try await withFolder { directory in
                /// The ids of all products and orders.
                func goods() async throws -> [String] {
                    let script = """
                        set -e
                        eval "$("$SHOPCTL" dev env)"
                        "$SHOPCTL" product list --limit 1000 -o json | jq -c '[.products[].id]'
                        "$SHOPCTL" order list --state confirmed --limit 1000 -o json | jq -c '[.orders[].id]'
                        """
                    let result = try await Shell.run(
                        script,
                        environment: ["SHOPCTL": try Shopctl.program(), "SHOPCTL_DEV_DIRECTORY": directory])
                    return result.expect(0).output.split(separator: "\n").map(String.init)
                }
                var first: [String] = []
                try await PrivateShop.run(["--seed"], in: directory) { shop in
                    let services = shop.status["services"]
                    let (gateway, admin) = (services["gateway"].text ?? "", services["admin"].text ?? "")
                    for page in ["\(gateway)/docs", "\(admin)/console"] { #expect(shop.told.contains(page), "\(shop)") }
                    _ = try await RESTClient(origin: gateway).send(.GET, "/docs").expect(200)
                    _ = try await RESTClient(origin: admin).send(.GET, "/console").expect(200)
                    #expect(shop.told.contains("products: 24 made; orders: 24 made, 24 confirmed"), "\(shop)")
                    #expect(shop.told.contains("@demo.example (user 3), and 5 more"), "\(shop)")
                    #expect(shop.told.contains("shopctl order place --user 3 --item 1:1 --wait"), "\(shop)")
                    #expect(shop.told.contains("\n  shopctl token issue --user 1 --role admin\n"), "\(shop)")
                    let password = String(decoding: readSmallFile(directory + "/demo-password") ?? [], as: UTF8.self)
                    #expect(password.utf8.count > 25 && !shop.told.contains(password.dropLast()))
                    first = try await goods()
                    #expect(first.count == 2)
                }
                try await PrivateShop.run(["--seed"], in: directory) { shop in
                    #expect(
                        shop.told.contains("products: 0 made, 24 there already; orders: 0 made, 24 there already"),
                        "\(shop)")
                    let second = try await goods()
                    #expect(second == first)
                }
                try #require(unlink(directory + "/demo-password") == 0)
                let lost = try await Shopctl.run(
                    ["dev", "up", "--data-dir", directory, "--seed"],
                    environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
                ).expect(65)
                #expect(
                    lost.error.contains("SHOP-824") && lost.error.contains("shopctl dev reset --data-dir '"), "\(lost)")
            }
        }

        @Test("What is reset is the shop that the shell is pointed at, with all of its passwords, and no other")
        func reset() async throws {
            try await withFolder { directory in
                try await PrivateShop.run(["--only-servers"], in: directory) { _ in
                    let printed = try await Shopctl.run(
                        ["dev", "env"], environment: ["SHOPCTL_DEV_DIRECTORY": directory]
                    )
                    .expect(0).output
                    #expect(printed.hasSuffix("\n# the private shop on \(directory); for another: --data-dir\n"))
                }
                let (keys, password) = (directory + "/signing-keys.json", directory + "/demo-password")
                try #require(access(keys, F_OK) == 0)
                try Data("a password of theirs\n".utf8).write(to: URL(filePath: password))
                let other = try await Shopctl.run(
                    ["dev", "reset", "--data-dir", directory + "-other"],
                    environment: ["SHOPCTL_DEV_DIRECTORY": directory]
                ).expect(66)
                #expect(other.error.contains("\(directory)-other") && access(keys, F_OK) == 0, "\(other)")
                let done = try await Shopctl.run(["dev", "reset"], environment: ["SHOPCTL_DEV_DIRECTORY": directory])
                    .expect(0)
                #expect(done.error.contains("deleted the data of \(directory)"), "\(done)")
                for path in [keys, password, directory + "/postgres"] { #expect(access(path, F_OK) != 0, "\(path)") }
            }
        }

        @Test("The helps name the usual folder and the variable; a beginning of an option is taken for it")
        func helps() async throws {
            for command in ["up", "env", "reset"] {
                let help = try await Shopctl.run(["dev", command, "--help"]).expect(0).output
                let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                for place in ["SHOPCTL_DEV_DIRECTORY", "/var/lib/shopctl/dev", "~/.local/state/shopctl/dev"] {
                    #expect(words.contains(place), "\(command): \(help)")
                }
            }
            let short = try await Shopctl.run(["dev", "up", "--data", "x"]).expect(64)
            #expect(short.error.contains("is it '--data-dir'?"), "\(short)")
        }

        @Test("Bare servers cannot be seeded") func bareServersWithSeed() async throws {
            let bare = try await Shopctl.run(["dev", "up", "--only-servers", "--seed"]).expect(64)
            #expect(bare.error.contains("--seed fills a shop"), "\(bare)")
        }
    }
}

/// Takes a loopback port away.
private struct Listener {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // As servers do: a port is free whose last connections are only waited for.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = loopbackAddress(port: port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, listen(descriptor, 1) == 0 else {
            throw DevStackError.system(operation: "listen", reason: errorText())
        }
    }

    /// The port that it has taken.
    var port: Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { Glibc.close(descriptor) }
}
