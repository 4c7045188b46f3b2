import FoundationEssentials
import Sagas
import ShopContracts

extension SagaCommand.SagaResolve {
    /// Resolves the part in all decided sagas that the query chooses and that wait for it.
    func resolveAll(_ sources: SagaSources, _ context: CommandContext) async throws {
        let (selection, isComplete) = await choice.selection(sources, context) { selection in
            selection.isDecided = true
            selection.step = SagaStepFilter(kind: selection.step?.kind, participant: participant)
        }
        let page = try await sources.page(of: selection, choice.query.coordinators, limit: choice.limit, context)
        var parts: [ResolvedParts.Part] = []
        // All checks come before anything has to be typed, and before anything is done.
        try await sources.controlling(page.sagas) { sagas, control, reader in
            let evidence = try await sources.evidence(of: sagas, participant, reader, context)
            for saga in sagas {
                var part = ResolvedParts.Part(saga: saga, evidence: evidence[saga.id] ?? .none)
                part.refusal = try await perform(on: part, control, isDryRun: true)
                parts.append(part)
            }
        }
        var failure: (any Error)?
        let able = parts.filter { $0.refusal == nil }
        if !dryRun, !able.isEmpty {
            try confirm(able.count, context)
            do {
                try await sources.controlling(able.map(\.saga)) { sagas, control, reader in
                    for saga in sagas {
                        guard let index = parts.firstIndex(where: { $0.saga.id == saga.id }) else { continue }
                        parts[index].refusal = try await perform(on: parts[index], control, isDryRun: false)
                        parts[index].isDone = parts[index].refusal == nil
                        parts[index].saga = try await reader.saga(saga.id) ?? saga
                    }
                }
            } catch  where parts.contains(where: \.isDone) {
                failure = error
            }
        }
        let report = ResolvedParts(parts: parts, participant: participant, reason: reason, isDryRun: dryRun)
        let done = parts.count { $0.isDone }
        try output.write(
            report, context, deed: dryRun ? nil : "the part of \(participant) is resolved in \(done) sagas")
        var outcome = SagaSources.DeedOutcome(
            sagas: parts.map { ($0.saga, dryRun ? $0.refusal == nil : $0.isDone) }, total: page.total,
            isComplete: page.isComplete && isComplete)
        outcome.failure = failure
        try outcome.conclude(
            "resolved", .evidenceContradicts, because: "something stands against it, as told of each", context)
    }

    /// - Returns: What stands against it, in words; nil for nothing.
    private func perform(
        on part: ResolvedParts.Part, _ control: SagaControl, isDryRun: Bool
    ) async throws -> String? {
        do {
            _ = try await deed(part.evidence, isDryRun: isDryRun).perform(on: part.saga, control)
            return nil
        } catch let failure as CommandFailure {
            return failure.message ?? "refused"
        }
    }

    private func confirm(_ count: Int, _ context: CommandContext) throws {
        let what = "\(participant):\(count)"
        let typed = typed(
            "the part of \(participant) in \(count) \(count == 1 ? "saga" : "sagas") will count as carried out, and "
                + "nothing is done for it; type \(what): ", context)
        guard typed != what else { return }
        var arguments = context.arguments
        if let index = arguments.firstIndex(of: "--yes-i-mean") {
            arguments.removeSubrange(index..<min(index + 2, arguments.count))
        }
        throw CommandFailure(
            .usage,
            typed == nil
                ? "this cannot be taken back: type \(what), the participant and how many sagas"
                : "it is not \(what), the participant and how many sagas",
            hint: UsageError.again(arguments, "--dry-run"))
    }
}

/// A participant's parts in several sagas that count as carried out, or may not.
struct ResolvedParts: Report {
    struct Part: Sendable {
        /// As it stands now.
        var saga: SagaRecord
        let evidence: SagaResolution.Evidence
        /// What stands against it; nil for nothing.
        var refusal: String?
        var isDone = false
    }

    let parts: [Part]
    let participant: String
    let reason: String
    let isDryRun: Bool

    var body: ReportBody {
        .many(
            "sagas",
            parts.map { part in
                var record = ResolvedSaga(
                    saga: part.saga, participant: participant, evidence: part.evidence, reason: reason,
                    isDryRun: isDryRun
                ).record
                record.members += [
                    .init(name: "outcome", value: .text(outcome(part))),
                    .init(name: "outcome_detail", value: .optional(part.refusal)),
                ]
                return record
            })
    }

    private func outcome(_ part: Part) -> String {
        if part.refusal != nil { return "refused" }
        return part.isDone ? "resolved" : isDryRun ? "would_be_resolved" : "left"
    }

    func table(_ style: TextStyle) -> String {
        let name = Printable.line(participant)
        guard !parts.isEmpty else { return "no such saga is decided and waits for \(name): nothing to resolve\n" }
        let lines = parts.map { part in
            let word = outcome(part).replacing("_", with: " ")
            let saga = "\(part.saga.id.uuidString.lowercased())  \(part.saga.name) of \(part.saga.subjectText)"
            return "\(word): \(saga); its own record: \(part.evidence.word)"
                + (part.refusal.map { ": \(Printable.line($0))" } ?? "") + "\n"
        }.joined()
        let able = parts.count { $0.refusal == nil }
        return isDryRun && able > 0
            ? lines + "to do it type \(name):\(able) where it asks, or say --yes-i-mean \(name):\(able)\n" : lines
    }
}
