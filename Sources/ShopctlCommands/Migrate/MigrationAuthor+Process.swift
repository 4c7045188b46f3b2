import FoundationEssentials
import Glibc
import Migrator

extension MigrationAuthor {
    /// This program, as the user and on the machine that it runs on.
    static let process: MigrationAuthor = {
        let environment = ProcessInfo.processInfo.environment
        let user = environment["USER"] ?? environment["LOGNAME"] ?? "uid \(getuid())"
        return MigrationAuthor(program: "shopctl \(Version.text)", who: "\(user)@\(ProcessInfo.processInfo.hostName)")
    }()
}
