import Crypto
import Events
import FoundationEssentials
import Hosting
import ShopProtos
import SwiftProtobuf

/// Books money that enters the shop onto a customer's balance, once per idempotency key.
struct TopUps: Sendable {
    /// The most minor units one top-up brings.
    static let amountLimit: Int64 = 1_000_000_000_000

    let ledger: Ledger
    let transactor: Transactor
    let observers: Observers<BalanceToppedUp>
    let currency: String
    private let keys = IdempotencyKeys(operation: "customers.top-up")

    init(ledger: Ledger, transactor: Transactor, observers: Observers<BalanceToppedUp>, currency: String) {
        self.ledger = ledger
        self.transactor = transactor
        self.observers = observers
        self.currency = currency
    }

    /// - Parameters:
    ///   - actorID: The admin or service that asks; keys of different actors never meet.
    ///   - isRehearsal: Whether only the checks are made.
    func book(
        _ request: Cart_TopUpRequest, by actorID: Int64, asRehearsal isRehearsal: Bool = false
    ) async throws -> Cart_TopUpResponse {
        let reason = try AuditTrail.reason(request.reason)
        let keyed = IdempotencyKeys.Request(
            userID: actorID, key: request.idempotencyKey,
            hash: Array(SHA256.hash(data: Array("\(request.userID):\(request.amount)".utf8))))
        // Key, effect and answer are one transaction: a concurrent twin waits for it and gets the answer.
        return try await transactor.run(asRehearsal: isRehearsal) { work in
            switch try await keys.take(keyed, in: work.transaction) {
            case .replay(let stored):
                var reply = try Cart_TopUpResponse(serializedBytes: stored)
                reply.replayed = true
                return reply
            case .free:
                let reply = try await move(request, because: reason, in: work)
                try await keys.store(
                    IdempotencyKeys.Answer(to: keyed, try reply.serializedBytes()), in: work.transaction)
                return reply
            }
        }
    }

    private func move(
        _ request: Cart_TopUpRequest, because reason: String?, in work: UnitOfWork
    ) async throws -> Cart_TopUpResponse {
        let target = Ledger.Key.available(request.userID)
        var accounts = try await ledger.lock([target, .external], currency: currency, in: work.transaction)
        let (balance, overflow) = accounts.balances[target, default: 0].addingReportingOverflow(request.amount)
        guard !overflow else {
            throw ServiceError.failedPrecondition("balance_overflow", "the balance would be too large")
        }
        let posting = Ledger.Posting(
            kind: .topUp, sagaID: nil, orderID: nil,
            entries: [(target, request.amount), (.external, -request.amount)])
        let ids = try await ledger.post([posting], accounts: &accounts, in: work.transaction)
        try await observers.notify(
            BalanceToppedUp(
                userID: request.userID, amount: request.amount, transactionID: ids[0], reason: reason), in: work)
        return .with {
            $0.balance = balance
            $0.currency = currency
            $0.transactionID = ids[0]
        }
    }
}
