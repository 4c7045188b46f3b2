import FoundationEssentials
import Postgres
import Sagas
import ShopContracts

/// Something that happened to an order, at some service.
struct OrderStoryEvent: Sendable {
    let at: Date
    /// The service that did it, or `operator`.
    let place: String
    /// A stable word for programs.
    let event: String
    /// For people.
    let text: String
    var sagaID: UUID?
    var messageID: String?
}

extension OrderStoryEvent {
    /// The event as results show it.
    ///
    /// - Parameter start: When the order was placed.
    func output(since start: Date) -> OutputRecord {
        [
            "at": .text(Timestamp.text(at)),
            "offset_ms": .integer(Int64((at.timeIntervalSince(start) * 1000).rounded())),
            "place": .text(place),
            "event": .text(event),
            "text": .text(text),
            "saga_id": .optional(sagaID?.uuidString.lowercased()),
            "message_id": .optional(messageID),
        ]
    }
}

extension OrderRecord {
    /// The deeds that the orders' own database tells of.
    var events: [OrderStoryEvent] {
        let goods = lines.map { "\($0.quantity) of product \($0.productID)" }.joined(separator: ", ")
        let placed = OrderStoryEvent(
            at: createdAt, place: "orders", event: "placed",
            text: "user \(userID) placed it: \(goods), for \(Money.text(total, currency))", sagaID: sagaID)
        return [placed] + turns
            + deeds.map { deed in
                let who = deed.actorID == 0 ? deed.actorRole : "\(deed.actorRole) \(deed.actorID)"
                return OrderStoryEvent(
                    at: deed.at, place: deed.actorID == 0 ? "operator" : "orders", event: deed.action,
                    text:
                        "\(deed.action)\(deed.reason.map { ": \($0)" } ?? "") by \(who)\(deed.requestID.map { ", request \($0)" } ?? "")"
                )
            }
    }

    /// The order's own turns, where no saga is kept that would tell of them.
    private var turns: [OrderStoryEvent] {
        guard sagaIDs.isEmpty else { return [] }
        let decision = cancelledAt == nil ? state : OrderState.confirmed.rawValue
        let decided = decidedAt.map {
            OrderStoryEvent(at: $0, place: "orders", event: "decided", text: "DECIDED: \(decision)", sagaID: sagaID)
        }
        let cancelled = cancelledAt.map {
            OrderStoryEvent(at: $0, place: "orders", event: "cancelled", text: "cancelled")
        }
        return [decided, cancelled].compactMap { $0 }
    }

    /// The stock that was set aside for the order, was sold or set free, and came back.
    func stockEvents(in database: PostgresClient) async throws -> [OrderStoryEvent] {
        let results = try await database.batch([
            """
            SELECT r.saga_id, r.product_id, r.quantity, r.state, r.created_at,
                CASE WHEN b.state IN ('confirmed', 'cancelled') THEN coalesce(b.settled_at, b.updated_at) END
            FROM reservations r
                LEFT JOIN saga_branches b ON b.saga_id = r.saga_id AND b.participant = 'products'
            WHERE r.saga_id = ANY(\(knownSagaIDs)::uuid[]) ORDER BY r.created_at, r.product_id
            """,
            """
            SELECT saga_id, coalesce(settled_at, updated_at) FROM saga_branches
            WHERE saga_id = ANY(\(knownSagaIDs)::uuid[])
                AND participant = 'products' AND saga_name = 'order-cancellation' AND state = 'confirmed'
            """,
        ])
        func event(_ at: Date, _ event: String, _ text: String, _ saga: UUID) -> OrderStoryEvent {
            OrderStoryEvent(at: at, place: "products", event: event, text: text, sagaID: saga)
        }
        var events: [OrderStoryEvent] = []
        let reservations = try results[0].decode((UUID, Int64, Int64, String, Date, Date?).self)
        for (saga, product, quantity, state, at, settledAt) in reservations {
            let goods = "\(quantity) of product \(product)"
            // When it was settled is kept for as long as its saga.
            let since = settledAt == nil && state != "reserved" ? "; \(state) since" : ""
            events.append(event(at, "stock_reserved", "set \(goods) aside\(since)", saga))
            guard let settledAt else { continue }
            switch state {
            case "committed": events.append(event(settledAt, "stock_committed", "took \(goods) out of stock", saga))
            case "released": events.append(event(settledAt, "stock_released", "set \(goods) free again", saga))
            default: break
            }
        }
        for (saga, at) in try results[1].decode((UUID, Date).self) {
            events += lines.map {
                event(at, "stock_returned", "put \($0.quantity) of product \($0.productID) back in stock", saga)
            }
        }
        return events
    }

    /// A participant's own records of its parts in sagas that are lost.
    func lostParts(_ participant: String, in database: PostgresClient) async throws -> [OrderStoryEvent] {
        var events: [OrderStoryEvent] = []
        for id in lostSagaIDs {
            guard let branch = try await SagaReader.branch(of: id, participant: participant, in: database) else {
                continue
            }
            events.append(
                OrderStoryEvent(
                    at: branch.createdAt, place: participant, event: "part_recorded",
                    text: "its own record of the lost saga: \(branch.state?.word ?? "undecided")", sagaID: id))
        }
        return events
    }

    /// The entries of the ledger that the order's sagas have written.
    func moneyEvents(in database: PostgresClient) async throws -> [OrderStoryEvent] {
        let rows = try await database.query(
            """
            SELECT t.saga_id, t.kind, t.created_at, string_agg(
                format('%s of user %s: %s', a.kind, a.user_id, e.amount), ', ' ORDER BY e.id)
            FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id
                JOIN accounts a ON a.id = e.account_id
            WHERE t.saga_id = ANY(\(knownSagaIDs)::uuid[]) GROUP BY t.id, t.saga_id, t.kind, t.created_at ORDER BY t.id
            """)
        return try rows.decode((UUID, String, Date, String).self).map { saga, kind, at, entries in
            OrderStoryEvent(
                at: at, place: "customers", event: "ledger_\(kind)",
                text: "ledger \(kind) in minor units: \(entries)", sagaID: saga)
        }
    }

    /// The notices of the order to its buyer and its sellers.
    func noticeEvents(in database: PostgresClient) async throws -> [OrderStoryEvent] {
        let users = [userID] + lines.map(\.sellerID)
        // A busy seller has millions of them, and their time has an index.
        let rows = try await database.query(
            """
            SELECT user_id, kind, created_at FROM notifications
            WHERE user_id = ANY(\(users)::bigint[]) AND order_id = \(id)
                AND created_at >= \(createdAt)::timestamptz - interval '1 hour'
                AND created_at < coalesce(\(cancelledAt ?? decidedAt)::timestamptz + interval '7 days', 'infinity')
            ORDER BY created_at, user_id
            """)
        return try rows.decode((Int64, String, Date).self).map { user, kind, at in
            OrderStoryEvent(at: at, place: "customers", event: "notified", text: "told user \(user): \(kind)")
        }
    }
}
