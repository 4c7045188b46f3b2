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
        if let fault = reason.flatMap(fault) { throw ValidationError("--reason \(fault)") }
    }

    /// The fault of a reason, as the rest of a sentence that begins with its name; nil for one that the trail takes.
    static func fault(_ reason: String) -> String? {
        guard reason.contains(where: { !$0.isWhitespace }), reason.unicodeScalars.count <= AuditTrail.reasonLimit else {
            return "must say something, in \(AuditTrail.reasonLimit) characters at most"
        }
        return PublicText.faults(in: reason).first
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
