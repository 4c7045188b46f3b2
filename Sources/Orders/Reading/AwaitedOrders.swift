import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The orders whose outcomes one `AwaitOrders` call waits for.
struct AwaitedOrders: Sendable {
    /// The most orders that a call waits for.
    static let limit = 20_000

    let response: RPCWriter<Orders_AwaitOrdersResponse>
    /// Waits for an order that its asker may see.
    let outcome: @Sendable (Orders_AwaitedOrder) async throws -> Order

    /// Answers what the caller asks until it has nothing more to ask.
    func run(_ requests: RPCAsyncSequence<Orders_AwaitOrdersRequest, any Error>) async throws {
        var tasks = StreamTasks(limit: Self.limit)
        for try await request in requests {
            switch request.action {
            case .ask(let awaited):
                let isNew = tasks.start(request.id) { await answer(request.id, awaited) }
                if !isNew { await answer(request.id) { $0.failure = "too_many_questions" } }
            case .forget:
                tasks.stop(request.id)
            case nil:
                break
            }
        }
    }

    private func answer(_ id: UInt64, _ awaited: Orders_AwaitedOrder) async {
        do {
            let order = try await outcome(awaited)
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
