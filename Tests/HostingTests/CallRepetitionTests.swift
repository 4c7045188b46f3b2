import GRPCCore
import Synchronization
import Testing

@testable import Hosting

@Suite("A call is made anew where it certainly came to nothing, and nowhere else")
struct CallRepetitionTests {
    private static let refusedStream = RPCError(
        code: .unavailable, message: "Stream unexpectedly closed: received RST_STREAM frame (0x7: refused stream).")
    private static let stopping = RPCError(
        code: .unavailable, message: "", metadata: [ServiceError.reasonMetadataKey: "shutting_down"])
    private static let unsent = RPCError(code: .unavailable, message: "", cause: RPCError.Unsent())
    private static let broken = RPCError(code: .unavailable, message: "Stream unexpectedly closed.")
    private static let locked = RPCError(
        code: .unavailable, message: "(0x7: ", metadata: [ServiceError.reasonMetadataKey: "table_locked"])
    private static let late = RPCError(code: .deadlineExceeded, message: "", cause: RPCError.Unsent())

    /// The number of times that a call is made which fails so the first time; its error is thrown on.
    private func calls(_ error: RPCError, patience: Duration = .seconds(86_400)) async throws -> Int {
        let count = Atomic(0)
        try? await CallRepetition(deadline: .seconds(86_400), patience: patience).run(.defaults) { options in
            let number = count.add(1, ordering: .relaxed).newValue
            #expect(number == 1 || options.timeout.map { $0 < .seconds(86_400) } == true)
            if number == 1 { throw error }
        }
        return count.load(ordering: .relaxed)
    }

    @Test("The server was about to stop", arguments: [refusedStream, stopping, unsent])
    func repeated(_ error: RPCError) async throws {
        #expect(try await calls(error) == 2)
        #expect(try await calls(error, patience: .zero) == 1)
    }

    @Test("It may have been carried out, or would meet the same again", arguments: [broken, locked, late])
    func passedOn(_ error: RPCError) async throws { #expect(try await calls(error) == 1) }
}
