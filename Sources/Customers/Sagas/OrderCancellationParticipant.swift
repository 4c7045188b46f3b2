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

    func lock(trying: [Branch], settling: [Branch], in work: UnitOfWork) async throws {
        _ = try await accounts(of: trying + settling, in: work)
    }

    /// - Throws: ``SagaNotYet`` while money is missing that the order's own placement has still to capture: what a
    ///   seller has is not certain before.
    func tryAll(_ branches: [Branch], in work: UnitOfWork) async throws -> [SagaVote] {
        var accounts = try await accounts(of: branches, in: work)
        // Looked at behind the accounts' locks: a capture that was being booked is seen.
        let captured = try await ledger.capturedOrders(branches.map(\.payload.orderID), in: work.transaction)
        var votes: [SagaVote] = []
        var accepted: [Branch] = []
        for branch in branches {
            let order = branch.payload
            let proceeds = Self.proceeds(order)
            let balances = accounts[order.currency]?.balances ?? [:]
            // One seller who lacks the money is enough: nothing moves then.
            guard proceeds.allSatisfy({ balances[.available($0.sellerID), default: 0] >= $0.amount }) else {
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
                accounts[order.currency]?.balances[.available(sellerID), default: 0] -= amount
            }
            accepted.append(branch)
            votes.append(.accepted)
        }
        try await post(.refundHold, accepted, accounts, in: work) { order in
            Self.proceeds(order).flatMap {
                [(.available($0.sellerID), -$0.amount), (.held($0.sellerID), $0.amount)]
            }
        }
        return votes
    }

    func confirmAll(_ branches: [Branch], in work: UnitOfWork) async throws {
        try await post(.refund, branches, accounts(of: branches, in: work), in: work) { order in
            Self.proceeds(order).map { (.held($0.sellerID), -$0.amount) } + [(.available(order.buyerID), order.total)]
        }
    }

    func cancelAll(_ branches: [Branch], in work: UnitOfWork) async throws {
        try await post(.refundRelease, branches, accounts(of: branches, in: work), in: work) { order in
            Self.proceeds(order).flatMap {
                [(.held($0.sellerID), -$0.amount), (.available($0.sellerID), $0.amount)]
            }
        }
    }

    /// What each seller was paid, in order of seller.
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
        _ kind: Ledger.Posting.Kind, _ branches: [Branch], _ accounts: [String: Ledger.LockedAccounts],
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
            guard let accounts = accounts[currency] else { continue }
            try await ledger.post(postings, accounts: accounts, in: work.transaction)
        }
    }
}
