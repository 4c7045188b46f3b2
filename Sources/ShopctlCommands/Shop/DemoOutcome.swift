/// The result of a seeding.
struct DemoOutcome: Sendable {
    /// So many that were made, and so many that were there.
    struct Count: Sendable, Equatable {
        var made = 0
        var found = 0
    }

    /// So much that is left out, since a product of it was made once and is gone.
    struct Skipped: Sendable, Equatable {
        var products = 0
        var orders = 0
        var reviews = 0
    }

    struct Person: Sendable {
        /// Nobody's in a rehearsal, if the person has no account.
        let id: Int64
        let person: DemoPlan.Person
        let isNew: Bool
    }

    var people: [Person] = []
    var products = Count()
    /// The products' ids, by their places in the plan; nil for one that is gone. In a rehearsal one that would be made has
    /// no product's.
    var catalogue: [Int64?] = []
    var skipped = Skipped()
    var topUps = Count()
    var favourites = 0
    var cartLines = 0
    var orders = Count()
    var confirmed = 0
    /// Placed orders that were rejected.
    var rejected = 0
    /// Placed orders that are not settled yet.
    var open = 0
    var reviews = 0
}
