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

    let services: [Service]

    subscript(name: String) -> Service? { services.first { $0.name == name } }

    init() throws {
        let text = try repositoryFile("compose.yaml")
        let root = try #require(try Yams.load(yaml: text) as? [String: Any])
        let services = try #require(root["services"] as? [String: [String: Any]])
        self.services = services.map { name, body in
            let check = (body["healthcheck"] as? [String: Any])?["test"] as? [String] ?? []
            let dependencies = body["depends_on"] as? [String: [String: Any]] ?? [:]
            return Service(
                name: name, image: body["image"] as? String ?? "", command: body["command"] as? [String] ?? [],
                environment: (body["environment"] as? [String: Any] ?? [:]).mapValues { "\($0)" },
                healthCheck: Array(check.dropFirst()), ports: body["ports"] as? [String] ?? [],
                dependencies: dependencies.compactMapValues { $0["condition"] as? String })
        }.sorted { $0.name < $1.name }
    }
}

/// The repository's folder, from this file's own place.
func repositoryPath(_ name: String, file: String = #filePath) -> String {
    let parts = file.split(separator: "/")
    return "/" + parts.dropLast(4).joined(separator: "/") + "/" + name
}

/// A text file of the repository.
func repositoryFile(_ name: String) throws -> String {
    try String(contentsOfFile: repositoryPath(name), encoding: .utf8)
}
