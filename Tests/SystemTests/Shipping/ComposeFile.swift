import FoundationEssentials
import Testing
import Yams

/// `compose.yaml` as far as the tests look at it.
struct ComposeFile {
    /// One service.
    struct Service {
        let name: String
        let image: String
        /// The program's arguments; the entry point is the image's.
        let command: [String]
        let environment: [String: String]
        /// The health check's words, `CMD` left out; empty if there is none.
        let healthCheck: [String]
        /// Whether the image's own health check is left out.
        let hasNoHealthCheck: Bool
        /// Whether and when the engine starts it again.
        let restart: String
        /// What it is given of the host's files.
        let mounts: [Mount]
        /// Published ports as `host:container`.
        let ports: [String]
        /// What it waits for, and until when.
        let dependencies: [String: String]

        /// Where the host keeps a file of the container; `nil` if it is in no mounted folder.
        func hostPath(_ path: String) -> String? {
            mounts.first { path.hasPrefix($0.target + "/") }.map { $0.source + path.dropFirst($0.target.count) }
        }

        /// Whether the image is the shop's own.
        var isShop: Bool { image == "shopctl" }

        /// The value behind a flag of the command.
        func argument(_ flag: String) -> String? {
            command.firstIndex(of: flag).flatMap { command.indices.contains($0 + 1) ? command[$0 + 1] : nil }
        }
    }

    /// A folder of the host in a container.
    struct Mount {
        let source: String
        let target: String
        let isReadOnly: Bool
        /// Whether the engine makes a folder of the host that is not there.
        let makesSource: Bool

        init?(_ body: [String: Any]) {
            guard body["type"] as? String == "bind", let source = body["source"] as? String,
                let target = body["target"] as? String
            else { return nil }
            self.source = source
            self.target = target
            isReadOnly = body["read_only"] as? Bool ?? false
            makesSource = (body["bind"] as? [String: Any])?["create_host_path"] as? Bool ?? true
        }
    }

    let services: [Service]
    /// The variables that the file wants of its reader.
    let wanted: Set<String>

    subscript(name: String) -> Service? { services.first { $0.name == name } }

    init() throws {
        let text = try repositoryFile("compose.yaml")
        let root = try #require(try Yams.load(yaml: text) as? [String: Any])
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
        wanted = Set(lines.split(separator: "${").dropFirst().map { String($0.prefix { $0 != ":" && $0 != "}" }) })
        let services = try #require(root["services"] as? [String: [String: Any]])
        self.services = services.map { name, body in
            let health = body["healthcheck"] as? [String: Any]
            let check = health?["test"] as? [String] ?? []
            let dependencies = body["depends_on"] as? [String: [String: Any]] ?? [:]
            return Service(
                name: name, image: body["image"] as? String ?? "", command: body["command"] as? [String] ?? [],
                environment: (body["environment"] as? [String: Any] ?? [:]).mapValues { "\($0)" },
                healthCheck: Array(check.dropFirst()), hasNoHealthCheck: health?["disable"] as? Bool ?? false,
                restart: body["restart"] as? String ?? "no",
                mounts: (body["volumes"] as? [Any] ?? []).compactMap { ($0 as? [String: Any]).flatMap(Mount.init) },
                ports: body["ports"] as? [String] ?? [],
                dependencies: dependencies.compactMapValues { $0["condition"] as? String })
        }.sorted { $0.name < $1.name }
    }
}

/// The repository's folder, from this file's own place.
func repositoryPath(_ name: String) -> String {
    let parts = #filePath.split(separator: "/")
    return "/" + parts.dropLast(4).joined(separator: "/") + "/" + name
}

/// A text file of the repository.
func repositoryFile(_ name: String) throws -> String {
    try String(contentsOfFile: repositoryPath(name), encoding: .utf8)
}
