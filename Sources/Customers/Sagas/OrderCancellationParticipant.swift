import Events
import Sagas
import ShopContracts

/// The customers' part in cancelling an order: set the sellers' proceeds aside, then refund the buyer with them or
/// give them back.
struct OrderCancellationParticipant: SagaParticipant {
    typealias Branch = SagaBranch<OrderCancellation.Payload>

    let definition = OrderCancellation.definition
    let name = "customers"
    let ledger: Ledger

    func lock(
        trying: [Branch], settling: [Branch], in work: UnitOfWork
    ) async throws -> [String: Ledger.LockedAccounts] {
        try await accounts(of: trying + settling, in: work)
    }

    /// - Throws: ``SagaNotYet`` while money is missing that the order's own placement has still to capture: what a
    ///   seller has is not certain before.
    func tryAll(
        _ branches: [Branch], locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork
    ) async throws -> [SagaVote] {
        // Looked at behind the accounts' locks: a capture that was being booked is seen.
        let captured = try await ledger.capturedOrders(branches.map(\.payload.orderID), in: work.transaction)
        var votes: [SagaVote] = []
        var accepted: [Branch] = []
        // By currency and account: what the branches before have taken.
        var taken: [String: [Ledger.Key: Int64]] = [:]
        for branch in branches {
            let order = branch.payload
            let proceeds = Self.proceeds(order)
            let balances = locked[order.currency]?.balances ?? [:]
            let gone = taken[order.currency] ?? [:]
            // One seller who lacks the money is enough: nothing moves then.
            let isCovered = proceeds.allSatisfy { sellerID, amount in
                balances[.available(sellerID), default: 0] - gone[.available(sellerID), default: 0] >= amount
            }
            guard isCovered else {
                guard captured.contains(order.orderID) else {
                    throw SagaNotYet("the money of order \(order.orderID) has not reached its sellers")
                }
                votes.append(
                    .refused(
                        SagaRefusal(
                            code: "seller_funds_missing",
                            message: "a seller has spent the proceeds; try again later")))
                continue
            }
            for (sellerID, amount) in proceeds {
                taken[order.currency, default: [:]][.available(sellerID), default: 0] += amount
            }
            accepted.append(branch)
            votes.append(.accepted)
        }
        try await post(.refundHold, accepted, &locked, in: work) { order in
            Self.proceeds(order).flatMap {
                [(.available($0.sellerID), -$0.amount), (.held($0.sellerID), $0.amount)]
            }
        }
        return votes
    }

    func confirmAll(
        _ branches: [Branch], locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork
    ) async throws {
        try await post(.refund, branches, &locked, in: work) { order in
            Self.proceeds(order).map { (.held($0.sellerID), -$0.amount) } + [(.available(order.buyerID), order.total)]
        }
    }

    func cancelAll(
        _ branches: [Branch], locked: inout [String: Ledger.LockedAccounts], in work: UnitOfWork
    ) async throws {
        try await post(.refundRelease, branches, &locked, in: work) { order in
            Self.proceeds(order).flatMap {
                [(.held($0.sellerID), -$0.amount), (.available($0.sellerID), $0.amount)]
            }
        }
    }

    /// The amount that each seller was paid, in order of seller.
    private static func proceeds(_ order: OrderCancellation.Payload) -> [(sellerID: Int64, amount: Int64)] {
        var proceeds: [Int64: Int64] = [:]
        // The payload has checked these products and their sum when it was read.
        for line in order.lines { proceeds[line.sellerID, default: 0] += line.quantity * line.unitPrice }
        return proceeds.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Locks the accounts that the branches touch, in order of id, and gives them by currency.
    private func accounts(
        of branches: [Branch], in work: UnitOfWork
    ) async throws -> [String: Ledger.LockedAccounts] {
        var keys: [String: Set<Ledger.Key>] = [:]
        for order in branches.map(\.payload) {
            keys[order.currency, default: []].insert(.available(order.buyerID))
            keys[order.currency, default: []]
                .formUnion(order.lines.flatMap { [.available($0.sellerID), .held($0.sellerID)] })
        }
        var accounts: [String: Ledger.LockedAccounts] = [:]
        for (currency, keys) in keys.sorted(by: { $0.key < $1.key }) {
            accounts[currency] = try await ledger.lock(keys, currency: currency, in: work.transaction)
        }
        return accounts
    }

    private func post(
        _ kind: Ledger.Posting.Kind, _ branches: [Branch], _ locked: inout [String: Ledger.LockedAccounts],
        in work: UnitOfWork, _ entries: (OrderCancellation.Payload) -> [(account: Ledger.Key, amount: Int64)]
    ) async throws {
        var postings: [String: [Ledger.Posting]] = [:]
        for branch in branches {
            postings[branch.payload.currency, default: []].append(
                Ledger.Posting(
                    kind: kind, sagaID: branch.sagaID, orderID: branch.payload.orderID,
                    entries: entries(branch.payload)))
        }
        for (currency, postings) in postings.sorted(by: { $0.key < $1.key }) {
            try await ledger.post(postings, accounts: &locked[currency, default: .init()], in: work.transaction)
        }
    }
}
