import ArgumentParser
import FoundationEssentials
import Sagas

/// The argument of `--group-by`.
struct SagaGrouping: ExpressibleByArgument, Sendable, Equatable {
    /// The properties that sagas can be counted by.
    enum Key: String, CaseIterable, Sendable {
        case state
        case reason
        case step
    }

    let keys: [Key]

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let keys = names.compactMap { Key(rawValue: String($0)) }
        guard keys.count == names.count, Set(keys).count == keys.count else { return nil }
        self.keys = keys
    }

    static var defaultCompletionKind: CompletionKind { .list(Key.allCases.map(\.rawValue)) }
}

/// Sagas that have something in common, in figures.
struct SagaGroup: Sendable, Equatable {
    /// The values that they have in common; nil for what they do not have, and for what is not asked for.
    struct Key: Sendable, Hashable {
        var state: String?
        var reason: String?
        /// As in `try:customers`; with a plus between several.
        var step: String?

        subscript(_ key: SagaGrouping.Key) -> String? {
            switch key {
            case .state: state
            case .reason: reason
            case .step: step
            }
        }

        /// The key with nothing but that.
        func reduced(to keys: [SagaGrouping.Key]) -> Key {
            Key(
                state: keys.contains(.state) ? state : nil, reason: keys.contains(.reason) ? reason : nil,
                step: keys.contains(.step) ? step : nil)
        }
    }

    var key: Key
    var count: Int64
    var stuck: Int64
    /// The start of the oldest.
    var oldestAt: Date
}

/// Sagas counted by what they have in common, the largest group first.
struct SagaCounts: Report {
    let grouping: SagaGrouping
    let groups: [SagaGroup]

    /// - Parameter parts: Groups of several databases, by everything; those of one kind are added up.
    init(_ parts: [SagaGroup], by grouping: SagaGrouping) {
        self.grouping = grouping
        var sums: [SagaGroup.Key: SagaGroup] = [:]
        for part in parts {
            let key = part.key.reduced(to: grouping.keys)
            var sum = sums[key] ?? SagaGroup(key: key, count: 0, stuck: 0, oldestAt: part.oldestAt)
            sum.count += part.count
            sum.stuck += part.stuck
            sum.oldestAt = min(sum.oldestAt, part.oldestAt)
            sums[key] = sum
        }
        groups = sums.values.sorted { one, other in
            if one.count != other.count { return one.count > other.count }
            return Self.texts(one, grouping).lexicographicallyPrecedes(Self.texts(other, grouping))
        }
    }

    private static func texts(_ group: SagaGroup, _ grouping: SagaGrouping) -> [String] {
        grouping.keys.map { group.key[$0] ?? "" }
    }

    var body: ReportBody {
        .many(
            "groups",
            groups.map { group in
                [
                    "state": .optional(group.key.state), "reason": .optional(group.key.reason),
                    "step": .optional(group.key.step), "count": .integer(group.count), "stuck": .integer(group.stuck),
                    "oldest_at": .text(Timestamp.text(group.oldestAt)),
                ]
            })
    }

    var columns: [Table.Column] { Self.columns(by: grouping) }

    static func columns(by grouping: SagaGrouping) -> [Table.Column] {
        grouping.keys.map { .left($0.rawValue.uppercased()) }
            + [.right("COUNT"), .right("STUCK"), .left("OLDEST", "oldest_at")]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for group in groups {
            table.add(
                grouping.keys.map { .plain(group.key[$0] ?? "-") } + [
                    .plain(String(group.count)), .styled(String(group.stuck), group.stuck == 0 ? .none : .red),
                    .time(group.oldestAt),
                ])
        }
        return table.text(style)
    }
}
