import Events
import Hosting
import Sagas
import ShopContracts

/// The customers' part in placing an order: hold the buyer's money, then capture it to the sellers or release it.
struct OrderPlacementParticipant: SagaParticipant {
    typealias Branch = SagaBranch<OrderPlacement.Payload>

    let definition = OrderPlacement.definition
    let name = "customers"
    let ledger: Ledger

    /// Locks the accounts, and gives them by currency.
    func lock(
        trying: [Branch], settling: [Branch], in work: UnitOfWork
    ) async throws -> [String: Ledger.LockedAccounts] {
        var accounts: [String: Ledger.LockedAccounts] = [:]
        for (currency, keys) in Self.keys(trying: trying, settling: settling).sorted(by: { $0.key < $1.key }) {
            accounts[currency] = try await ledger.lock(keys, currency: currency, in: work.transaction)
        }
        return accounts
    }

    func tryAll(
        _ branches: [Branch], locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork
    ) async throws -> [SagaVote] {
        // By currency and account: what the branches before have taken.
        var taken: [String: [Ledger.Key: Int64]] = [:]
        var postings: [String: [Ledger.Posting]] = [:]
        var votes: [SagaVote] = []
        for branch in branches {
            let order = branch.payload
            let available = Ledger.Key.available(order.buyerID)
            let gone = taken[order.currency]?[available] ?? 0
            let balance = (locked[order.currency]?.balances[available] ?? 0) - gone
            guard balance >= order.total else {
                votes.append(
                    .refused(
                        SagaRefusal(
                            code: "insufficient_funds",
                            message: """
                                the order costs \(Money.text(order.total, order.currency)), \
                                the balance is \(Money.text(balance, order.currency))
                                """)))
                continue
            }
            taken[order.currency, default: [:]][available, default: 0] += order.total
            postings[order.currency, default: []].append(
                Ledger.Posting(
                    kind: .hold, sagaID: branch.sagaID, orderID: order.orderID,
                    entries: [(available, -order.total), (.held(order.buyerID), order.total)]))
            votes.append(.accepted)
        }
        try await post(postings, &locked, in: work)
        return votes
    }

    func confirmAll(
        _ branches: [Branch], locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork
    ) async throws {
        try await settle(branches, &locked, in: work) { branch in
            let order = branch.payload
            var proceeds: [Int64: Int64] = [:]
            // The payload has checked these products and their sum when it was read.
            for line in order.lines { proceeds[line.sellerID, default: 0] += line.quantity * line.unitPrice }
            return Ledger.Posting(
                kind: .capture, sagaID: branch.sagaID, orderID: order.orderID,
                entries: [(.held(order.buyerID), -order.total)]
                    + proceeds.sorted { $0.key < $1.key }.map { (.available($0.key), $0.value) })
        }
    }

    func cancelAll(
        _ branches: [Branch], locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork
    ) async throws {
        try await settle(branches, &locked, in: work) { branch in
            let order = branch.payload
            return Ledger.Posting(
                kind: .release, sagaID: branch.sagaID, orderID: order.orderID,
                entries: [(.held(order.buyerID), -order.total), (.available(order.buyerID), order.total)])
        }
    }

    private func settle(
        _ branches: [Branch], _ locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork,
        _ posting: (Branch) -> Ledger.Posting
    ) async throws {
        var postings: [String: [Ledger.Posting]] = [:]
        for branch in branches { postings[branch.payload.currency, default: []].append(posting(branch)) }
        try await post(postings, &locked, in: work)
    }

    private func post(
        _ postings: [String: [Ledger.Posting]], _ locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork
    ) async throws {
        for (currency, postings) in postings.sorted(by: { $0.key < $1.key }) {
            try await ledger.post(postings, accounts: &locked[currency, default: .init()], in: work.transaction)
        }
    }

    /// The accounts that the branches touch, by currency: sellers' only where their money moves.
    private static func keys(trying: [Branch], settling: [Branch]) -> [String: Set<Ledger.Key>] {
        var keys: [String: Set<Ledger.Key>] = [:]
        for branch in trying + settling {
            let order = branch.payload
            keys[order.currency, default: []].formUnion([.available(order.buyerID), .held(order.buyerID)])
        }
        for branch in settling {
            keys[branch.payload.currency, default: []]
                .formUnion(branch.payload.lines.map { .available($0.sellerID) })
        }
        return keys
    }
}
