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
        /// What runs in place of the image's entry point; empty if nothing does.
        let entrypoint: [String]
        /// As whom it runs; nil for the image's user.
        let user: String?
        /// Its volumes: names, places, and whether it may write.
        let mounts: [Mount]
        /// Published ports as `host:container`.
        let ports: [String]
        /// What it waits for, and until when.
        let dependencies: [String: String]

        /// Whether the image is the shop's own.
        var isShop: Bool { image == "shopctl" }

        /// The value behind a flag of the command.
        func argument(_ flag: String) -> String? {
            command.firstIndex(of: flag).flatMap { command.indices.contains($0 + 1) ? command[$0 + 1] : nil }
        }
    }

    /// A volume in a container.
    struct Mount: Equatable {
        let source: String
        let target: String
        let isReadOnly: Bool

        init(_ source: String, at target: String, isReadOnly: Bool) {
            (self.source, self.target, self.isReadOnly) = (source, target, isReadOnly)
        }

        init?(_ text: String) {
            let parts = text.split(separator: ":").map(String.init)
            guard parts.count >= 2 else { return nil }
            self.init(parts[0], at: parts[1], isReadOnly: parts.dropFirst(2) == ["ro"])
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
                entrypoint: body["entrypoint"] as? [String] ?? [], user: body["user"] as? String,
                mounts: (body["volumes"] as? [String] ?? []).compactMap(Mount.init),
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
