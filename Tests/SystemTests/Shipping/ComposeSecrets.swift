import FoundationEssentials
import Glibc
import Testing

@testable import DevStack

/// The one-shot service `keys` of `compose.yaml`, run by a shell as it stands, with folders for its volumes.
struct ComposeSecrets {
    /// What stands in for the volume of passwords and public keys.
    let shop: String
    /// What stands in for the volume of private keys.
    let keys: String
    private let directory: String
    private let script: String

    /// - Parameter directory: A folder that is there and empty.
    init(_ file: ComposeFile, in directory: String) throws {
        self.directory = directory
        (shop, keys) = (directory + "/shop", directory + "/keys")
        let service = try #require(file["keys"])
        try #require(service.entrypoint.count == 4 && service.entrypoint.prefix(2) == ["sh", "-euc"])
        #expect(service.user == "0" && service.command.isEmpty)
        script = Self.placed(service.entrypoint[2], shop: shop, keys: keys)
        let tools = directory + "/tools"
        for folder in [shop, keys, tools] { try #require(mkdir(folder, 0o755) == 0) }
        try #require(symlink(try Shopctl.program(), tools + "/shopctl") == 0)
        // Only root gives files away.
        try "#!/bin/sh\necho \"$*\" >>'\(tools)/chown.calls'\n"
            .write(toFile: tools + "/chown", atomically: false, encoding: .utf8)
        try #require(chmod(tools + "/chown", 0o700) == 0)
    }

    /// A script of the file with these folders for its volumes. Two dollars are one to the container.
    static func placed(_ script: String, shop: String, keys: String) -> String {
        script.replacing("$$", with: "$").replacing("/run/shop", with: shop).replacing("/run/keys", with: keys)
    }

    /// Runs the service, as `docker compose run --rm keys` does with these arguments.
    @discardableResult
    func run(_ arguments: String...) async throws -> CommandResult {
        try await Shell.run(
            "exec sh -euc \"$SCRIPT\" keys \(arguments.joined(separator: " "))", in: directory,
            path: [directory + "/tools"], environment: ["SCRIPT": script])
    }

    /// To whom folders and files were given.
    func owners() throws -> String { try String(contentsOfFile: directory + "/tools/chown.calls", encoding: .utf8) }

    /// A file of the volume of passwords.
    func text(_ name: String) throws -> String { try String(contentsOfFile: shop + "/" + name, encoding: .utf8) }

    /// Where the host keeps a file of a container.
    func hostPath(_ path: String) -> String { Self.placed(path, shop: shop, keys: keys) }

    /// The steps by which the file's header changes keys, in their order.
    static func changes() throws -> [String] {
        let prefix = "#   docker compose run --rm keys "
        return try repositoryFile("compose.yaml").split(separator: "\n").filter { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count)) }
    }

    func remove() { removeTree(directory) }
}
