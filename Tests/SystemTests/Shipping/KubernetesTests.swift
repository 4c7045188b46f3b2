import FoundationEssentials
import Glibc
import Hosting
import Testing
import Yams

extension SystemTests {
    /// `examples/kubernetes.yaml`, held against the program: no cluster is needed for this.
    @Suite struct KubernetesTests {
        private typealias Object = [String: Any]
        private let objects: [Object]

        init() throws {
            let documents = try Yams.load_all(yaml: try repositoryFile("examples/kubernetes.yaml"))
            objects = documents.compactMap { $0 as? Object }
        }

        private func named(_ kind: String, _ name: String) throws -> Object {
            try #require(
                objects.first {
                    $0["kind"] as? String == kind && ($0["metadata"] as? Object)?["name"] as? String == name
                },
                "\(kind) \(name)")
        }

        private func spec(_ object: Object) throws -> Object { try #require(object["spec"] as? Object) }

        private func pod(_ object: Object) throws -> Object {
            try spec(try #require(try spec(object)["template"] as? Object))
        }

        private func container(_ object: Object) throws -> Object {
            try #require((try pod(object)["containers"] as? [Object])?.first)
        }

        @Test("Every role runs twice, at the port that its callers name, and one of it stays", arguments: Role.allCases)
        func role(_ role: Role) throws {
            let name = role.rawValue
            let deployment = try named("Deployment", "shop-\(name)")
            #expect(try spec(deployment)["replicas"] as? Int == 2)
            let arguments = try #require(try container(deployment)["args"] as? [String])
            #expect(arguments.prefix(3) == ["serve", name, "--\(name)-listen"])
            let port = try #require(arguments.last?.split(separator: ":").last.flatMap { Int($0) })
            let service = try spec(try named("Service", name))
            #expect((service["ports"] as? [[String: Int]])?.first == ["port": port, "targetPort": port])
            // Callers connect to every address of a role themselves.
            #expect((service["clusterIP"] as? String == "None") == (role != .gateway))
            let labels = ["app": "shop", "role": name]
            #expect(service["selector"] as? [String: String] == labels)
            let budget = try spec(try named("PodDisruptionBudget", "shop-\(name)"))
            #expect((budget["selector"] as? Object)?["matchLabels"] as? [String: String] == labels)
            if role != .gateway {
                let data = try named("ConfigMap", "shop")["data"] as? [String: String]
                #expect(data?["SHOPCTL_\(name.uppercased())_ADDRESS"] == "\(name):\(port)")
            }
        }

        @Test("Probes ask the admin listener for what it answers", arguments: Role.allCases)
        func probes(_ role: Role) throws {
            let container = try container(try named("Deployment", "shop-\(role.rawValue)"))
            let ports = try #require(container["ports"] as? [Object])
            let admin = try #require(ports.first { $0["name"] as? String == "admin" }?["containerPort"] as? Int)
            let data = try #require(try named("ConfigMap", "shop")["data"] as? [String: String])
            #expect(data["SHOPCTL_ADMIN_LISTEN"] == "0.0.0.0:\(admin)")
            for (probe, path) in [("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
                let get = (container[probe] as? Object)?["httpGet"] as? Object
                #expect(get?["path"] as? String == path && get?["port"] as? String == "admin", "\(probe)")
            }
        }

        @Test("Every variable is a setting, and the gateway alone has the private keys")
        func variables() throws {
            let known = Set(Setting.all.flatMap { [$0.variable, $0.fileVariable] })
            let data = try #require(try named("ConfigMap", "shop")["data"] as? [String: String])
            #expect(Set(data.keys).isSubset(of: known))
            for role in Role.allCases {
                let deployment = try named("Deployment", "shop-\(role.rawValue)")
                let own = try container(deployment)["env"] as? [[String: String]] ?? []
                #expect(own.compactMap { $0["name"] } == (role == .gateway ? ["SHOPCTL_AUTH_KEYS_FILE"] : []))
                let volumes = (try pod(deployment)["volumes"] as? [Object] ?? []).compactMap { $0["name"] as? String }
                #expect(volumes == (role == .gateway ? ["jwks", "keys"] : ["jwks"]))
            }
        }

        @Test("A secret's files have a mode that serve takes, and are the group's of fsGroup")
        func secrets() throws {
            let secrets = try objects.filter { ($0["spec"] as? Object)?["template"] != nil }.flatMap { object in
                let pod = try pod(object)
                let volumes = (pod["volumes"] as? [Object] ?? []).compactMap { $0["secret"] as? Object }
                if !volumes.isEmpty { #expect((pod["securityContext"] as? Object)?["fsGroup"] as? Int != nil) }
                return volumes
            }
            #expect(!secrets.isEmpty)
            for secret in secrets {
                let mode = try #require(secret["defaultMode"] as? Int, "0644 is what a cluster gives")
                #expect(mode & 0o040 != 0, "the owner of the files is root")
                let path = "/tmp/shopctl-secret-\(UUID().uuidString)"
                defer { unlink(path) }
                let keys = SigningKeys.generate()
                try keys.write(to: path)
                #expect(chmod(path, mode_t(mode)) == 0)
                #expect(try SigningKeys(file: path) == keys)
            }
        }

        @Test("The job migrates as the command line has it")
        func job() async throws {
            let arguments = try #require(try container(try named("Job", "shop-migrate"))["args"] as? [String])
            #expect(arguments == ["migrate", "up", "--create-databases"])
            try await Shopctl.run(arguments + ["--help"]).expect(0)
        }
    }
}
