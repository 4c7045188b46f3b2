import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The orders whose outcomes one `AwaitOrders` call waits for.
struct AwaitedOrders: Sendable {
    /// The most orders that a call waits for.
    static let limit = 20_000

    let response: RPCWriter<Orders_AwaitOrdersResponse>
    /// How long a call is kept without a question of somebody known.
    var patience: Duration = .seconds(30)
    /// Waits for an order that its asker may see, and admits who has shown a token.
    let outcome: @Sendable (Orders_AwaitedOrder, _ admit: () -> Void) async throws -> Order

    /// Answers what the caller asks until it has nothing more to ask.
    func run(_ requests: RPCAsyncSequence<Orders_AwaitOrdersRequest, any Error>) async throws {
        let tasks = StreamTasks<Void>(limit: Self.limit, patience: patience)
        try await tasks.serve {
            for try await request in requests {
                switch request.action {
                case .ask(let awaited):
                    let isNew = tasks.start(request.id, with: ()) { await answer(request.id, awaited, $0.admit) }
                    if !isNew { await answer(request.id) { $0.failure = "too_many_questions" } }
                case .forget:
                    tasks.stop(request.id)
                case nil:
                    break
                }
            }
        }
    }

    private func answer(_ id: UInt64, _ awaited: Orders_AwaitedOrder, _ admit: () -> Void) async {
        do {
            let order = try await outcome(awaited, admit)
            await answer(id) { $0.order = order.message }
        } catch {
            guard !Task.isCancelled else { return }
            await answer(id) { $0.failure = ServiceError(mapping: error).reason }
        }
    }

    private func answer(_ id: UInt64, _ fill: (inout Orders_AwaitOrdersResponse) -> Void) async {
        var answer = Orders_AwaitOrdersResponse()
        answer.id = id
        fill(&answer)
        // A caller that has gone hears nothing more.
        try? await response.write(answer)
    }
}
