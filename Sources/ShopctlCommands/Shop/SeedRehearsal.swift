/// A seeding that is only checked: how much there would be, and how much of it is there already.
struct SeedRehearsal: Report {
    let plan: DemoPlan
    let gateway: String
    let passwordFile: String
    /// Whether a file with a password would be made.
    let makesFile: Bool
    /// Everything that is there, or would be made; nil where nobody could be asked for it.
    let outcome: DemoOutcome?

    private var people: Int { outcome?.people.count { !$0.isNew } ?? 0 }

    var body: ReportBody {
        .one([
            "dry_run": .bool(true), "seed": .integer(Int64(plan.seed)), "size": .count(plan.size),
            "gateway": .text(gateway),
            "password_file": .text(passwordFile), "makes_password_file": .bool(makesFile),
            "sellers": .count(plan.sellers.count), "buyers": .count(plan.buyers.count),
            "products": .count(plan.products.count), "orders": .count(plan.orders.count),
            "reviews": .count(plan.reviews.count),
            "found": outcome.map { outcome in
                .record([
                    "people": .count(people), "products": .count(outcome.products.found),
                    "top_ups": .count(outcome.topUps.found), "orders": .count(outcome.orders.found),
                ])
            } ?? .null,
            "skipped": outcome.map { .record($0.skipped.output) } ?? .null,
        ])
    }

    func table(_ style: TextStyle) -> String {
        func there(_ count: Int?) -> String { count.map { $0 > 0 ? ", \($0) there already" : "" } ?? "" }
        return """
            demonstration \(plan.seed) of size \(plan.size) at \(Printable.line(gateway)); nothing was done
            people    \(plan.sellers.count) sellers, \(plan.buyers.count) buyers\(there(people))
            products  \(plan.products.count)\(there(outcome?.products.found))
            orders    \(plan.orders.count)\(there(outcome?.orders.found)), with \(plan.reviews.count) reviews
            \(outcome?.skipped.text.map { "\($0)\n" } ?? "")\
            all with the password in \(Printable.line(passwordFile))\(makesFile ? ", which would be made" : "")

            """
    }
}
