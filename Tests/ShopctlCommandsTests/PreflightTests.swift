import Testing

@testable import ShopctlCommands

/// The order of what is told before a role starts.
@Suite struct PreflightTests {
    private struct Fault: Error, Equatable {
        let name: String
    }

    @Test("Of several failures the first of the list is told, whichever ends first", .timeLimit(.minutes(1)))
    func order() async throws {
        let brokerFailed = AsyncStream.makeStream(of: Void.self)
        let failure = await #expect(throws: Fault.self) {
            try await Preflight.run([
                {},
                {
                    for await _ in brokerFailed.stream { break }
                    throw Fault(name: "database")
                },
                {
                    brokerFailed.continuation.finish()
                    throw Fault(name: "broker")
                },
            ])
        }
        #expect(failure == Fault(name: "database"))
        try await Preflight.run([{}, {}])
    }
}
