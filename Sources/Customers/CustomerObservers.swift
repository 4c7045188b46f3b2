import Events
import Hosting
import Metrics

/// Money has entered the shop.
struct BalanceToppedUp: Sendable {
    let userID: Int64
    /// Minor units.
    let amount: Int64
    /// The ledger transaction that booked it.
    let transactionID: Int64
    /// The reason, for the audit trail; nil where nobody said.
    let reason: String?
}

/// A user's cart has been changed, by the user or for them.
struct CartChanged: CartsChanged {
    enum Change: String, Sendable {
        case add, set, remove, clear, merge
    }

    let change: Change
    let userID: Int64
    /// The product; the user where it is about the whole cart.
    let subjectID: Int64

    var userIDs: [Int64] { [userID] }

    init(_ change: Change, of userID: Int64, subjectID: Int64) {
        self.change = change
        self.userID = userID
        self.subjectID = subjectID
    }
}

/// Favourites have been changed, by their user or for them.
struct FavouritesChanged: Sendable {
    enum Change: String, Sendable {
        case add, remove
    }

    let change: Change
    /// Whose; 0 for everybody's.
    let userID: Int64
    let productID: Int64
}

/// Notes what somebody else has done to a user's cart.
struct NoteCartForAudit: TransactionObserver {
    func observe(_ event: CartChanged, in work: UnitOfWork) async throws {
        try await AuditTrail.note(
            "cart.\(event.change.rawValue)", userID: event.userID, subjectID: event.subjectID, in: work.transaction)
    }
}

/// Notes what somebody else has done to a user's favourites.
struct NoteFavouritesForAudit: TransactionObserver {
    func observe(_ event: FavouritesChanged, in work: UnitOfWork) async throws {
        try await AuditTrail.note(
            "liked.\(event.change.rawValue)", userID: event.userID, subjectID: event.productID, in: work.transaction)
    }
}

/// Notes who has brought money onto a user's balance.
struct NoteTopUpForAudit: TransactionObserver {
    func observe(_ event: BalanceToppedUp, in work: UnitOfWork) async throws {
        try await AuditTrail.note(
            "balance.top_up", because: event.reason, userID: event.userID, subjectID: event.transactionID,
            in: work.transaction)
    }
}

/// Counts top-ups.
struct CountTopUps: CommitObserver {
    func observe(_ event: BalanceToppedUp) async throws {
        Counter(label: "shop_top_ups").increment()
    }
}

/// Counts changes of carts.
struct CountCartChanges: CommitObserver {
    func observe(_ event: CartChanged) async throws {
        Counter(label: "shop_cart_changes", dimensions: [("change", event.change.rawValue)]).increment()
    }
}

/// Counts changes of favourites.
struct CountFavouritesChanges: CommitObserver {
    func observe(_ event: FavouritesChanged) async throws {
        Counter(label: "shop_favourites_changes", dimensions: [("change", event.change.rawValue)]).increment()
    }
}
