import Glibc

/// The places of the installed server programs.
struct Installation: Sendable {
    /// PostgreSQL's directory of programs, of one major version.
    var postgresPrograms = ""
    var rabbitmqServer = ""
    var epmd = ""
    var erlCall = ""
    var redisServer = ""
    var redisTool = ""
    /// Drops root's privileges before PostgreSQL's programs run; `nil` if we are not root.
    var setpriv: String?

    var postgres: String { postgresPrograms + "/postgres" }
    var baseBackup: String { postgresPrograms + "/pg_basebackup" }
    var initdb: String { postgresPrograms + "/initdb" }
    var psql: String { postgresPrograms + "/psql" }

    /// The places to look in.
    struct SearchPath: Sendable {
        /// Holds a directory per PostgreSQL major version.
        var postgresVersions = "/usr/lib/postgresql"
        /// RabbitMQ's own scripts; those in `PATH` are Debian's wrappers, which change the user.
        var rabbitmqPrograms = "/usr/lib/rabbitmq/bin"
        /// The directories in which programs are looked for by name.
        var directories: [String]

        init(path: String?) {
            let inherited = (path ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
            directories = inherited + ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        }
    }

    /// Finds what the given servers need.
    ///
    /// - Parameter postgresMajor: the version an existing data directory needs; `nil` takes the newest.
    /// - Throws: ``DevStackError/missingPrograms(_:)`` with all that is missing.
    static func find(
        _ servers: Set<ServerKind>, postgresMajor: String? = nil, in search: SearchPath
    ) throws(DevStackError) -> Installation {
        var found = Installation()
        var missing: [MissingProgram] = []
        func program(_ name: String, package: String) -> String {
            for directory in search.directories where isProgram(directory + "/" + name) {
                return directory + "/" + name
            }
            missing.append(MissingProgram(name: name, package: package))
            return ""
        }
        if servers.contains(.postgres) {
            let versions = entries(of: search.postgresVersions)
                .filter { Int($0) != nil && (postgresMajor == nil || $0 == postgresMajor) }
                .sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
            let directories =
                versions.map { "\(search.postgresVersions)/\($0)/bin" }
                + (postgresMajor == nil ? search.directories : [])
            if let directory = directories.first(where: { isProgram($0 + "/postgres") && isProgram($0 + "/initdb") }) {
                found.postgresPrograms = directory
            } else {
                let package = postgresMajor.map { "postgresql-\($0)" } ?? ServerKind.postgres.debianPackage
                missing.append(MissingProgram(name: "postgres", package: package))
            }
            if geteuid() == 0 { found.setpriv = program("setpriv", package: "util-linux") }
        }
        if servers.contains(.rabbitmq) {
            found.rabbitmqServer = search.rabbitmqPrograms + "/rabbitmq-server"
            if !isProgram(found.rabbitmqServer) {
                missing.append(
                    MissingProgram(name: "rabbitmq-server", package: ServerKind.rabbitmq.debianPackage))
            }
            found.epmd = program("epmd", package: "erlang-base")
            found.erlCall = program("erl_call", package: "erlang-base")
        }
        if servers.contains(.redis) {
            found.redisServer = program("redis-server", package: ServerKind.redis.debianPackage)
            found.redisTool = program("redis-cli", package: "redis-tools")
        }
        guard missing.isEmpty else { throw .missingPrograms(missing) }
        return found
    }

    private static func isProgram(_ path: String) -> Bool {
        isRegularFile(path) && access(path, X_OK) == 0
    }
}
