import Migrator

/// The databases that could not be migrated or looked at, beside what could: one database that is away does not hide
/// the others.
struct MigrationFailures: Sendable {
    /// Role, `broker` or `audit trail of ROLE`, why, and `host:port` of a database's server.
    private(set) var all: [(subject: String, error: any Error, place: String?)] = []

    var isEmpty: Bool { all.isEmpty }

    /// Runs a part of the work and notes its failure.
    ///
    /// - Parameter place: `host:port` of the database's server; nil for the broker.
    /// - Returns: Nil for a part that failed.
    /// - Throws: Only the cancellation of the whole.
    mutating func noting<Result>(
        _ subject: String, at place: String? = nil, _ body: () async throws -> Result
    ) async throws -> Result? {
        do {
            return try await body()
        } catch {
            try Task.checkCancellation()
            all.append((subject, error, place))
            return nil
        }
    }

    /// Takes over those of another part of the work.
    mutating func add(_ others: MigrationFailures) { all += others.all }

    /// Ends the command by the worst of the failures, and tells each.
    ///
    /// - Throws: ``CommandFailure`` unless there was none.
    func finish(_ context: CommandContext) throws {
        guard !all.isEmpty else { return }
        let diagnoses = all.map { Diagnosis($0.error) }
        if all.count == 1 {
            let only = diagnoses[0]
            throw CommandFailure(
                only.status, only.message, hint: only.hint,
                code: only.code,
                object: [all[0].subject, only.object].compactMap(\.self).joined(separator: ": "), causes: only.causes)
        }
        let worst = ExitStatus.worst(of: diagnoses.map(\.status))
        let judged = diagnoses.first { $0.status == worst }
        throw CommandFailure(
            worst, "\(all.count) of the databases and the broker could not be seen to",
            hint: judged?.hint ?? diagnoses.lazy.compactMap(\.hint).first, code: judged?.code,
            causes: causes(diagnoses.map(\.code)))
    }

    /// Each failure; those of one kind at one server are one.
    private func causes(_ codes: [ErrorCode]) -> [String] {
        all.indices.compactMap { index in
            let failure = all[index]
            let text = Self.text(of: failure.error)
            let same = all.indices.filter { other in
                failure.place != nil && all[other].place == failure.place && codes[other] == codes[index]
            }
            guard let place = failure.place, same.count > 1 else { return "\(failure.subject): \(text)" }
            guard same.first == index else { return nil }
            let subjects = same.map { all[$0].subject }.joined(separator: ", ")
            return "PostgreSQL at \(place), with the databases of \(subjects): \(Self.unnamed(text))"
        }
    }

    /// The text of a failure without the name of its database.
    static func unnamed(_ text: String) -> String {
        guard let begin = text.firstRange(of: " (database '"),
            let end = text[begin.upperBound...].firstRange(of: "')")
        else { return text }
        return String(text[..<begin.lowerBound] + text[end.upperBound...])
    }

    /// An error in one line.
    static func text(of error: any Error) -> String {
        let diagnosis = Diagnosis(error)
        let object = diagnosis.object.map { " (\($0))" } ?? ""
        return ([(diagnosis.message ?? "\(error)") + object] + diagnosis.causes).joined(separator: ": ")
    }

    var output: OutputValue {
        .records(all.map { ["subject": .text($0.subject), "error": .text(Self.text(of: $0.error))] })
    }
}

extension ExitStatus {
    /// Failures that trying again does not mend goes before what it may.
    private static let fromWorst: [ExitStatus] = [
        .bug, .badConfiguration, .usage, .notAllowed, .badData, .notFound, .failure, .unreachable, .tryAgain,
    ]

    /// The status of several failures.
    static func worst(of all: [ExitStatus]) -> ExitStatus { fromWorst.first(where: all.contains) ?? .failure }
}
