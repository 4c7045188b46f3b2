public import FoundationEssentials

/// A message of a saga that a service has failed to handle: all of its copies, since one that is sent again is the same
/// message.
public struct FailedMessage: Sendable, Equatable {
    /// The service that failed.
    public let service: String
    public let kind: SagaMessageKind
    /// The participant whose answer it is; nil for a request.
    public let sender: String?
    public let copies: Int
    /// The number of all failures.
    public let count: Int
    /// The time of the first failure, but for one by which a copy was given up on at once; nil if none is known.
    let since: Date?
    /// The time of the last failure before it was handled, but for those by which copies were given up on.
    public let lastAt: Date?
    /// The reason of the last failure; nil if an older program has not told it.
    public let error: String?
    let wasGivenUpOn: Bool
    /// The time when it was handled, whichever copy that was; nil if it is not, or has come too late.
    let handledAt: Date?

    fileprivate init?(_ all: [SagaFacts.Failure], _ facts: SagaFacts) {
        let settledAt = all.first.flatMap(facts.settledAt)
        let handledAt = (all.map(\.handledAt) + [settledAt]).compactMap { $0 }.min()
        // A copy that began to fail when the work was done has kept nobody.
        let copies = all.filter { copy in
            guard let handledAt, let first = copy.since ?? copy.lastAt else { return true }
            return first < handledAt
        }
        guard let first = copies.first else { return nil }
        service = first.service
        kind = first.kind
        sender = first.sender
        self.copies = copies.count
        count = copies.reduce(0) { $0 + $1.count }
        since = copies.filter { $0.since != $0.gaveUpAt }.compactMap(\.since).min()
        lastAt = copies.filter { $0.lastAt != $0.gaveUpAt }.compactMap(\.lastAt)
            .filter { $0 <= handledAt ?? $0 }.max()
        let latest = copies.max { $0.lastAt ?? .distantPast < $1.lastAt ?? .distantPast }
        error = latest?.error
        wasGivenUpOn = copies.contains { $0.gaveUpAt != nil }
        self.handledAt = facts.isVoid(first) ? nil : handledAt
    }

    /// The message in words: `confirm`, or `vote of customers`.
    public var text: String { kind.noun + (sender.map { " of \($0)" } ?? "") }

    /// The number of failures in words: `once`, `7 times`, `16 times in 3 copies`.
    var times: String {
        (count == 1 ? "once" : "\(count) times") + (copies == 1 ? "" : " in \(copies) copies")
    }

    /// The reason of the last failure in words.
    public var why: String { error ?? "an older program has not told why" }
}

extension SagaMessageKind {
    /// The message in a sentence.
    public var noun: String { self == .done ? "report" : rawValue }

    /// Whether participants send it, and not the coordinator.
    public var isAnswer: Bool { self == .vote || self == .done }
}

extension SagaFacts {
    /// The messages that services have failed to handle, those that were handled in the end among them.
    public var failedMessages: [FailedMessage] {
        var groups: [(message: String, copies: [Failure])] = []
        for failure in failures + pending {
            let message = "\(failure.service) \(failure.kind.rawValue) \(failure.sender ?? "")"
            if let index = groups.firstIndex(where: { $0.message == message }) {
                groups[index].copies.append(failure)
            } else {
                groups.append((message, [failure]))
            }
        }
        return groups.compactMap { FailedMessage($0.copies, self) }
    }

    /// The message whose failure is the last that is known; nil if none failed.
    public var lastFailed: FailedMessage? {
        failedMessages.max { $0.lastAt ?? .distantPast < $1.lastAt ?? .distantPast }
    }

    /// The time when a message had its effect, by whichever copy; nil while it has none.
    fileprivate func settledAt(_ failure: Failure) -> Date? {
        let (branch, sender) = (branch(of: failure.service), participants.first { $0.name == failure.sender })
        return switch failure.kind {
        case .try: branch?.state == nil ? nil : branch?.createdAt
        case .confirm: branch?.state == .confirmed ? branch?.updatedAt : nil
        case .cancel: branch?.state == .cancelled ? branch?.updatedAt : nil
        case .vote: sender?.votedAt
        case .done: sender?.doneAt
        }
    }

    /// Whether it is a `try` that has come after its `cancel`.
    fileprivate func isVoid(_ failure: Failure) -> Bool {
        failure.kind == .try && branch(of: failure.service)?.state == .cancelled && !hasTried(failure.service)
    }

    /// Whether a participant that has cancelled its part is known to have voted before.
    func hasTried(_ participant: String) -> Bool {
        switch participants.first(where: { $0.name == participant })?.vote {
        case .accepted: true
        case .refused(let refusal): refusal != .cancelledBeforeTry
        case nil: false
        }
    }
}
