import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import DevStack

extension SystemTests {
    /// `dev up` with the real program, in a folder of an odd name.
    @Suite(.inTurn, .serialized) struct DevTests {
        /// A `dev up` that is ready while the body runs, which gets what `--ready-file` says.
        ///
        /// - Parameter failure: What it says at its end, with exit status 69, where the body has brought that about; nil
        ///   if it is stopped in order.
        private func withShop(
            _ options: [String], in directory: String, failure: String? = nil,
            isolation: isolated (any Actor)? = #isolation, _ body: (JSON) async throws -> Void
        ) async throws {
            let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
            let (ready, log) = (parent + "/ready.json", parent + "/log")
            let child = try await ChildProcess.start(
                Command(
                    program: try Shopctl.program(),
                    arguments: ["dev", "up", "--data-dir", directory, "--ready-file", ready] + options,
                    environment: Shopctl.baseEnvironment.merging(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]) { $1 },
                    directory: "/"), log: log)
            do {
                try await eventually("dev up is ready", timeout: .seconds(240), interval: .milliseconds(100)) {
                    if let status = child.status {
                        throw DevEnded(text: "\(status): \(String(decoding: readSmallFile(log) ?? [], as: UTF8.self))")
                    }
                    return access(ready, F_OK) == 0
                }
                try await body(try JSON(readSmallFile(ready) ?? []))
            } catch {
                child.send(SIGTERM)
                await child.ended()
                throw error
            }
            if failure == nil { child.send(SIGTERM) }
            await child.ended()
            let ending = String(describing: child.status)
            #expect(ending.contains(failure == nil ? "exited(0)" : "exited(69)"))
            let text = String(decoding: readSmallFile(log) ?? [], as: UTF8.self)
            if let failure { #expect(text.contains(failure), "\(text)") }
        }

        private func withFolder(_ body: (String) async throws -> Void) async throws {
            let parent = "/tmp/shopctl-dev-tests-\(randomHex(bytes: 6))"
            try makeDirectory(parent, mode: 0o711)
            defer { removeTree(parent) }
            try await body(parent + "/it's a größe")
        }

        @Test("Bare servers: every command works with what dev env prints")
        func onlyServers() async throws {
            try await withFolder { directory in
                try await withShop(["--only-servers"], in: directory) { _ in
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
                try await withShop(["--only-servers"], in: directory, failure: failure) { status in
                    let redis = try children(of: status["pid"].integer ?? 0, named: "redis-server")
                    try #require(redis.count == 1, "\(status)")
                    kill(redis[0], SIGKILL)
                }
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
                // Held by this test or by somebody else: not to be had in either case.
                let held = try? Listener(port: 8080)
                var first = JSON.null
                try await withShop([], in: directory) { first = $0["services"] }
                held?.close()
                #expect(first.names.count == 6)
                #expect(first["gateway"] != "http://127.0.0.1:8080")
                try await withShop([], in: directory) { #expect($0["services"] == first) }
            }
        }
    }
}

private struct DevEnded: Error {
    let text: String
}

/// Takes a loopback port away.
private struct Listener {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
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
