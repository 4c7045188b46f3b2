import ArgumentParser
import Hosting
import Postgres

/// The reason of a deed that nobody may do without one.
struct DeedReason: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the audit trail.", valueName: "text"))
    var reason: String

    func validate() throws { try ReasonText.check(reason) }
}

/// The options of a deed that can be mended.
struct DeedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the audit trail.", valueName: "text"))
    var reason: String?
    @Flag(help: "Only make the checks, and show what would be.")
    var dryRun = false

    func validate() throws { try ReasonText.check(reason) }
}

/// The reason of a deed, checked before anything is done.
enum ReasonText {
    static func check(_ reason: String?) throws {
        guard let reason else { return }
        guard reason.contains(where: { !$0.isWhitespace }), reason.unicodeScalars.count <= AuditTrail.reasonLimit else {
            throw ValidationError("--reason must say something, in \(AuditTrail.reasonLimit) characters at most")
        }
    }
}

extension AuditTrail {
    /// Passes if an operator's deed can be noted: a trail that cannot be written keeps everything as it is.
    static func checkWritable(of service: String, in client: PostgresClient) async throws {
        try await client.ping()
        let mayNote = try await client.query("SELECT has_table_privilege('audit_trail', 'INSERT')")
        guard try mayNote.decode((Bool).self) == [true] else {
            throw CommandFailure(.notAllowed, "the audit trail of \(service) cannot be written")
        }
    }
}
