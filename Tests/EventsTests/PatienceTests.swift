import FoundationEssentials
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Events

/// What nobody waits for shares its transaction with what comes next.
@Suite struct PatienceTests {
    /// Remembers which messages it was given together; those of one type may wait.
    private final class Remembering: MessageHandler {
        let types: Set<String> = ["test.happened", "test.slow"]
        private let batches = Mutex<[[String]]>([])

        var given: [[String]] { batches.withLock { $0 } }

        func patience(for type: String) -> Duration { type == "test.happened" ? .seconds(3600) : .zero }

        func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
            batches.withLock { $0.append(messages.map(\.type)) }
        }
    }

    @Test func itWaitsForCompanyAndKeepsItsPlace() async throws {
        try await MessagingScene.open { scene in
            let handler = Remembering()
            let messaging = Messaging(
                topology: MessagingScene.service, database: scene.database, broker: scene.broker, logger: testLogger)
            let consumer = messaging.services(handlers: [handler])[3]
            let running = Task { try await consumer.run() }
            let inbox = MessagingScene.service.inbox
            let alone = MessagingScene.envelope("test.happened")
            let batch = try MessageBatch.envelope(of: (0..<2).map { _ in MessagingScene.envelope("test.happened") })
            for message in [alone, batch] {
                try await scene.deliver([message])
                try await eventually("it is taken") { try await scene.ready(inbox) == 0 }
                #expect(handler.given.isEmpty)
            }
            try await scene.deliver([MessagingScene.envelope("test.slow")])
            try await eventually("all are handled") { !handler.given.isEmpty }
            #expect(handler.given == [["test.happened", "test.happened", "test.happened", "test.slow"]])
            running.cancel()
            _ = await running.result
        }
    }

    @Test func whatIsAtOnceIsNotNamed() {
        #expect(
            MessageRouter.patience(of: [Remembering(), Noting(types: ["test.other"])])
                == ["test.happened": .seconds(3600), "test.happened.batch": .seconds(3600)])
    }
}
