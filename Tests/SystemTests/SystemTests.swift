import TestSupport
import Testing

/// The whole binary: real processes, real servers, REST and command line.
@Suite enum SystemTests {
    /// A shop of real processes keeps a core busy, so only a few suites run at a time.
    fileprivate static let turnstile = Turnstile(width: 3)
}

/// Has a suite wait for its turn.
struct TurnTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await SystemTests.turnstile.pass { try await function() }
    }
}

extension Trait where Self == TurnTrait {
    /// Runs when few others of ``SystemTests`` do.
    static var inTurn: TurnTrait { TurnTrait() }
}
