import Migrator

/// What could not be migrated or looked at, beside what could: one database that is away does not hide the others.
struct MigrationFailures: Sendable {
    /// Role or `broker`, and why.
    private(set) var all: [(subject: String, error: any Error)] = []

    var isEmpty: Bool { all.isEmpty }

    /// Runs a part of the work and notes its failure.
    ///
    /// - Returns: Nil for a part that failed.
    /// - Throws: Only the cancellation of the whole.
    mutating func noting<Result>(_ subject: String, _ body: () async throws -> Result) async throws -> Result? {
        do {
            return try await body()
        } catch {
            try Task.checkCancellation()
            all.append((subject, error))
            return nil
        }
    }

    /// Ends the command by the worst of the failures, after each has been told.
    ///
    /// - Throws: ``CommandFailure`` unless there was none.
    func finish(_ context: CommandContext) throws {
        guard !all.isEmpty else { return }
        let diagnoses = all.map { Diagnosis($0.error) }
        for (failure, diagnosis) in zip(all, diagnoses) {
            context.note("shopctl: \(failure.subject): \(diagnosis.message ?? "\(failure.error)")")
        }
        var hints: [String] = []
        for hint in diagnoses.compactMap(\.hint) where !hints.contains(hint) { hints.append(hint) }
        for hint in hints { context.note("  try: \(hint)") }
        throw CommandFailure(ExitStatus.worst(of: diagnoses.map(\.status)))
    }

    var output: OutputValue {
        .records(all.map { ["subject": .text($0.subject), "error": .optional(Diagnosis($0.error).message)] })
    }
}

extension ExitStatus {
    /// What trying again does not mend goes before what it may.
    private static let fromWorst: [ExitStatus] = [
        .bug, .badConfiguration, .usage, .notAllowed, .badData, .notFound, .failure, .unreachable, .tryAgain,
    ]

    /// The status of several failures.
    static func worst(of all: [ExitStatus]) -> ExitStatus { fromWorst.first(where: all.contains) ?? .failure }
}
