import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

/// The products' part in placing an order: reserve stock, then commit or release it.
///
/// Stock is decided on locked rows of the database only, never on a cache.
struct OrderPlacementParticipant: SagaParticipant {
    typealias Branch = SagaBranch<OrderPlacement.Payload>

    let definition = OrderPlacement.definition
    let name = "products"
    let observers: Observers<StockMoved>

    /// Locks the products' stock, and gives those that are tried and on sale.
    func lock(trying: [Branch], settling: [Branch], in work: UnitOfWork) async throws -> [Int64: ShelfItem] {
        let stock = StockLock.query(Self.products(of: trying + settling))
        guard !trying.isEmpty else {
            try await work.transaction.query(stock)
            return [:]
        }
        // A statement of its own, which sees what others did to the products while the lock was waited for.
        let results = try await work.transaction.batch([
            stock,
            """
            SELECT id, seller_id, price, currency FROM catalogue
            WHERE id = ANY(\(Self.products(of: trying))::bigint[]) AND state = 'on_sale'
            """,
        ])
        let available = Dictionary(uniqueKeysWithValues: try results[0].decode((Int64, Int64).self))
        var shelf: [Int64: ShelfItem] = [:]
        for (id, seller, price, currency) in try results[1].decode((Int64, Int64, Int64, String).self) {
            shelf[id] = ShelfItem(sellerID: seller, price: price, currency: currency, available: available[id] ?? 0)
        }
        return shelf
    }

    func tryAll(
        _ branches: [Branch], locked shelf: inout [Int64: ShelfItem], in work: UnitOfWork
    ) async throws -> [SagaVote] {
        var reservations = ReservationRows()
        var votes: [SagaVote] = []
        for branch in branches {
            if let refusal = Self.refusal(branch.payload, on: shelf) {
                votes.append(.refused(refusal))
                continue
            }
            for line in branch.payload.lines {
                shelf[line.productID]?.available -= line.quantity
                reservations.append(branch.sagaID, branch.payload.orderID, line)
            }
            votes.append(.accepted)
        }
        if !reservations.isEmpty {
            try work.transaction.enqueue([reservations.insert, reservations.reserve])
            try await observers.notify(StockMoved(productIDs: reservations.products), in: work)
        }
        return votes
    }

    func confirmAll(
        _ branches: [Branch], locked shelf: inout [Int64: ShelfItem], in work: UnitOfWork
    ) async throws {
        let sagas = branches.map(\.sagaID)
        try work.transaction.enqueue(
            """
            WITH settled AS (
                UPDATE reservations SET state = 'committed'
                WHERE saga_id = ANY(\(sagas)::uuid[]) AND state = 'reserved'
                RETURNING product_id, quantity
            )
            UPDATE stock SET amount = amount - s.quantity, reserved = reserved - s.quantity, version = version + 1,
                updated_at = now()
            FROM (SELECT product_id, sum(quantity)::bigint AS quantity FROM settled GROUP BY product_id) s
            WHERE stock.product_id = s.product_id
            """)
        try await observers.notify(StockMoved(productIDs: Self.products(of: branches)), in: work)
    }

    func cancelAll(
        _ branches: [Branch], locked shelf: inout [Int64: ShelfItem], in work: UnitOfWork
    ) async throws {
        for line in branches.flatMap(\.payload.lines) { shelf[line.productID]?.available += line.quantity }
        let sagas = branches.map(\.sagaID)
        try work.transaction.enqueue(
            """
            WITH settled AS (
                UPDATE reservations SET state = 'released'
                WHERE saga_id = ANY(\(sagas)::uuid[]) AND state = 'reserved'
                RETURNING product_id, quantity
            )
            UPDATE stock SET reserved = reserved - s.quantity, version = version + 1, updated_at = now()
            FROM (SELECT product_id, sum(quantity)::bigint AS quantity FROM settled GROUP BY product_id) s
            WHERE stock.product_id = s.product_id
            """)
        try await observers.notify(StockMoved(productIDs: Self.products(of: branches)), in: work)
    }

    /// The products of the branches' orders, in order of id.
    private static func products(of branches: [Branch]) -> [Int64] {
        Set(branches.flatMap { $0.payload.lines.map(\.productID) }).sorted()
    }

    /// The stock that the order asks for as it stands on the shelf.
    struct ShelfItem {
        let sellerID: Int64
        let price: Int64
        let currency: String
        var available: Int64
    }

    /// The reason why an order cannot be served from the shelf; nil if it can.
    static func refusal(_ order: OrderPlacement.Payload, on shelf: [Int64: ShelfItem]) -> SagaRefusal? {
        for line in order.lines {
            guard let item = shelf[line.productID], item.sellerID == line.sellerID else {
                return SagaRefusal(
                    code: "product_unavailable", message: "product \(line.productID) is not on sale any more")
            }
            guard item.price == line.unitPrice, item.currency == order.currency else {
                return SagaRefusal(
                    code: "price_changed",
                    message: """
                        product \(line.productID) now costs \(Money.text(item.price, item.currency)), \
                        not \(Money.text(line.unitPrice, order.currency))
                        """)
            }
            guard item.available >= line.quantity else {
                return SagaRefusal(
                    code: "out_of_stock",
                    message: "of product \(line.productID) only \(item.available) are left, not \(line.quantity)")
            }
        }
        return nil
    }
}

/// Reservations of a batch, written by two statements.
private struct ReservationRows {
    private var sagaIDs: [UUID] = []
    private var orderIDs: [Int64] = []
    private var productIDs: [Int64] = []
    private var quantities: [Int64] = []

    var isEmpty: Bool { sagaIDs.isEmpty }
    /// The products that are reserved, each once.
    var products: [Int64] { Set(productIDs).sorted() }

    mutating func append(_ sagaID: UUID, _ orderID: Int64, _ line: OrderPlacement.Line) {
        sagaIDs.append(sagaID)
        orderIDs.append(orderID)
        productIDs.append(line.productID)
        quantities.append(line.quantity)
    }

    var insert: PostgresQuery {
        """
        INSERT INTO reservations (saga_id, order_id, product_id, quantity)
        SELECT * FROM unnest(
            \(sagaIDs)::uuid[], \(orderIDs)::bigint[], \(productIDs)::bigint[], \(quantities)::bigint[])
        """
    }

    var reserve: PostgresQuery {
        """
        UPDATE stock SET reserved = reserved + r.quantity, version = version + 1, updated_at = now()
        FROM (
            SELECT product_id, sum(quantity)::bigint AS quantity
            FROM unnest(\(productIDs)::bigint[], \(quantities)::bigint[]) AS r (product_id, quantity)
            GROUP BY product_id
        ) r
        WHERE stock.product_id = r.product_id
        """
    }
}
