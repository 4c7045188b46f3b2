import Events
import Logging
import Testing

@testable import Sagas

/// What somebody waits for is handled at once: up to the decision, and what takes it back.
@Suite struct PatienceTests {
    private static let definition = SagaDefinition(name: "test", coordinator: "a", participants: ["b"])
    private static let logger = Logger(label: "test")

    private struct Nobody: SagaDecisionHandler {
        func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws {}
    }

    private struct Idle: SagaParticipant {
        typealias Payload = String

        let definition = PatienceTests.definition
        let name = "b"

        func lock(trying: [SagaBranch<String>], settling: [SagaBranch<String>], in work: UnitOfWork) async throws {}
        func tryAll(
            _ branches: [SagaBranch<String>], locked: inout Void, in work: UnitOfWork
        ) async throws -> [SagaVote] { branches.map { _ in .accepted } }
        func confirmAll(_ branches: [SagaBranch<String>], locked: inout Void, in work: UnitOfWork) async throws {}
        func cancelAll(_ branches: [SagaBranch<String>], locked: inout Void, in work: UnitOfWork) async throws {}
    }

    private func waiting(_ handler: some MessageHandler) -> Set<String> {
        handler.types.filter { handler.patience(for: $0) > .zero }
    }

    @Test func onlyWhatFollowsADecisionWaits() {
        func coordinator(firstResend: Duration) -> SagaCoordinator {
            SagaCoordinator(
                Self.definition,
                timing: SagaTiming(deadline: .seconds(900), firstResend: firstResend, sweepInterval: .seconds(1)),
                handler: Nobody(), logger: Self.logger)
        }
        let done = Self.definition.type(.done)
        #expect(waiting(coordinator(firstResend: .seconds(5))) == [done])
        #expect(waiting(ParticipantHandler(Idle(), logger: Self.logger)) == [Self.definition.type(.confirm)])
        let hasty = coordinator(firstResend: .milliseconds(100)).patience(for: done)
        #expect(hasty < .milliseconds(50), "before the decision is sent again")
    }
}
