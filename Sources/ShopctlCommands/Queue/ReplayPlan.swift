import ArgumentParser

/// The number of letters that are sent back at a time, and what ends it before all are.
struct ReplayPlan: Sendable, Equatable {
    /// A reason to leave the rest where it is.
    enum Stop: Sendable, Equatable {
        /// Of the letters that were sent first so many were not handled.
        case canary(Int)
        /// So many letters have failed.
        case failures(Int)
        /// The result of so many letters, on which it depends, is not known.
        case unknown(Int)
        case interrupted

        /// A stable word for programs.
        var word: String {
            switch self {
            case .canary: "canary"
            case .failures: "failures"
            case .unknown: "unknown"
            case .interrupted: "interrupted"
            }
        }
    }

    /// The most in all; nil for no limit.
    var limit: Int?
    /// The number of those that are sent first and must be handled before any other is; nil for none.
    var canary: Int?
    /// The number of those that may fail; nil for any number.
    var failureLimit: Int?

    /// Whether what came of letters decides on others.
    var dependsOnFates: Bool { canary != nil || failureLimit != nil }

    /// The size of the next round; nil for all that there are, 0 if there is none.
    ///
    /// As many as may fail: so no more than that do, whatever comes of the round.
    ///
    /// - Parameter fates: Those of the letters of all rounds before.
    func size(after fates: [ReplayObserver.Fate]) -> Int? {
        var bounds: [Int] = []
        if let limit { bounds.append(limit - fates.count) }
        if let canary, fates.isEmpty { bounds.append(canary) }
        if let failureLimit { bounds.append(failureLimit - Self.failures(fates)) }
        return bounds.min().map { max(0, $0) }
    }

    /// Whether it ends here; nil if it goes on.
    func stop(after fates: [ReplayObserver.Fate]) -> Stop? {
        if let canary {
            let open = fates.prefix(canary).count { $0 != .handled }
            if open > 0 { return .canary(open) }
        }
        guard let failureLimit else { return nil }
        let failures = Self.failures(fates)
        if failures >= failureLimit { return .failures(failures) }
        let unknown = fates.count { $0 == .unknown || $0 == .unconsumed }
        return unknown > 0 ? .unknown(unknown) : nil
    }

    private static func failures(_ fates: [ReplayObserver.Fate]) -> Int {
        fates.count { $0 == .died || $0 == .retried }
    }
}

/// A rate on the command line: `5/s`, `30/m`, `100/h`.
struct RateArgument: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    let description: String
    /// The time between two.
    let interval: Duration

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        let units: [Substring: Duration] = ["s": .seconds(1), "m": .seconds(60), "h": .seconds(3600)]
        guard parts.count == 2, let unit = units[parts[1]], !parts[0].isEmpty,
            parts[0].utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(parts[0]),
            (1...100_000).contains(count)
        else { return nil }
        description = argument
        interval = unit / count
    }
}
