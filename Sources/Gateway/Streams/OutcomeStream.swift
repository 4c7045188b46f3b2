import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The one stream of a gateway that carries the outcomes of all orders that its requests wait for.
typealias OutcomeStream = SharedStream<Orders_AwaitOrdersRequest, Orders_AwaitOrdersResponse>

extension OutcomeStream {
    /// A stream from the service that has the orders.
    static func awaiting(_ orders: any Orders_Orders.ClientProtocol) -> OutcomeStream {
        OutcomeStream(number: \.id) { produce, read in
            try await orders.awaitOrders(requestProducer: produce) { response in
                try await read(response.messages)
            }
        }
    }

    /// The order as soon as it is settled, or as it stands when the time is over; nil if the service does not say.
    ///
    /// The caller of the running task must be one who may see the order.
    /// - Throws: `RPCError`, ``ServiceError``
    func outcome(of orderID: Int64, within patience: Duration) async throws -> Orders_Order? {
        let token = Identity.currentToken ?? ""
        // The service answers at the end of the wait; this is for when it does not.
        return try await converse(within: patience + .seconds(2)) { id in
            .with {
                $0.id = id
                $0.ask = .with {
                    $0.token = token
                    $0.orderID = orderID
                    $0.timeoutMilliseconds = patience.components.seconds * 1000
                }
            }
        } closing: { id in
            .with {
                $0.id = id
                $0.forget = true
            }
        } _: { answers, _ in
            for try await answer in answers {
                switch answer.answer {
                case .order(let order): return order
                case .failure(let reason): throw ServiceError.unavailable(reason, "the order cannot be awaited")
                case nil: continue
                }
            }
            return nil
        }
    }
}
