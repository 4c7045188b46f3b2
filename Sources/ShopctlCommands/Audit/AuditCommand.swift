import ArgumentParser

/// `shopctl audit`
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "See what was done to users' things by somebody else.",
        discussion: """
            EXAMPLES:
              shopctl audit list --user 3
            """,
        subcommands: [AuditList.self])
}
