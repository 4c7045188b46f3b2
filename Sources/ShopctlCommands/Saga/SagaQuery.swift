import ArgumentParser
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension SagaCommand {
    /// The argument of `--state`.
    struct StateArgument: ExpressibleByArgument, Sendable {
        let filter: SagaFilter

        init?(argument: String) {
            switch argument {
            case "open": filter = .open
            case "stuck": filter = .stuck
            case "was-stuck": filter = .wasStuck
            case "all": filter = .all
            default:
                guard let phase = SagaState.Phase(rawValue: argument) else { return nil }
                filter = .phase(phase)
            }
        }

        static var allValueStrings: [String] {
            ["open", "stuck", "was-stuck", "all"] + SagaState.Phase.allCases.map(\.rawValue)
        }
        static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    }

    /// The argument of `--saga`.
    struct NameArgument: ExpressibleByArgument, Sendable {
        let definition: SagaDefinition

        init?(argument: String) {
            guard let found = SagaDefinition.all.first(where: { $0.name == argument }) else { return nil }
            definition = found
        }

        static var allValueStrings: [String] { SagaDefinition.all.map(\.name) }
        static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    }

    /// The argument of `--step`.
    struct StepArgument: ExpressibleByArgument, Sendable {
        private static let kinds: [SagaMessageKind] = [.try, .confirm, .cancel]
        private static let participants = Set(SagaDefinition.all.flatMap(\.participants))

        let filter: SagaStepFilter

        init?(argument: String) {
            guard let filter = SagaStepFilter(argument, participants: Self.participants) else { return nil }
            self.filter = filter
        }

        static var allValueStrings: [String] {
            let names = participants.sorted()
            return kinds.map(\.rawValue) + names + kinds.flatMap { kind in names.map { "\(kind.rawValue):\($0)" } }
        }
        static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    }

    /// The options by which sagas are chosen.
    struct SagaQuery: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "Which: \(StateArgument.allValueStrings.joined(separator: ", ")) (default: open).", valueName: "state"))
        var state: StateArgument?
        @Option(
            help: ArgumentHelp(
                "Only one kind: \(NameArgument.allValueStrings.joined(separator: ", ")).", valueName: "name"))
        var saga: NameArgument?
        @Option(
            help: ArgumentHelp("Only those that have made no progress for so long: 90s, 5m, 2h.", valueName: "span"))
        var stuckFor: SpanArgument?
        @Option(
            help: ArgumentHelp(
                "Only those that wait for this: try, confirm or cancel, a participant, or both as in try:customers.",
                valueName: "step"))
        var step: StepArgument?

        /// Whether it leaves any saga out that is not over.
        var isNarrow: Bool { state != nil || saga != nil || stuckFor != nil || step != nil }

        /// The services that coordinate such sagas.
        var coordinators: [Role] {
            SagaSources.coordinators.filter { role in
                saga.map { $0.definition.coordinator == role.rawValue } ?? true
            }
        }

        /// The sagas that it chooses.
        var selection: SagaSelection {
            SagaSelection(
                filter: state?.filter ?? .open, name: saga?.definition.name, stuckFor: stuckFor?.duration,
                step: step?.filter)
        }
    }
}
