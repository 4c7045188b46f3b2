import GRPCCore
import Hosting
import ShopProtos

/// A seeding that is only checked: whom it would ask, and how much there would be.
struct SeedRehearsal: Report {
    let plan: DemoPlan
    let gateway: String
    let passwordFile: String
    /// Whether a file with a password would be made.
    let makesFile: Bool

    /// Passes if the gateway and all roles answer that the seeding needs.
    func ask(_ peers: Peers) async throws {
        try await DemoAccounts.check(gateway: gateway)
        try await peers.withConnections {
            _ = try await peers.products.getCategories(.init(), options: OperatorCaller.usual)
        }
    }

    var body: ReportBody {
        .one([
            "dry_run": .bool(true), "seed": .integer(Int64(plan.seed)), "size": .count(plan.size),
            "gateway": .text(gateway),
            "password_file": .text(passwordFile), "makes_password_file": .bool(makesFile),
            "sellers": .count(plan.sellers.count), "buyers": .count(plan.buyers.count),
            "products": .count(plan.products.count), "orders": .count(plan.orders.count),
            "reviews": .count(plan.reviews.count),
        ])
    }

    func table(_ style: TextStyle) -> String {
        """
        demonstration \(plan.seed) of size \(plan.size) at \(Printable.line(gateway)); nothing was done
        people    \(plan.sellers.count) sellers, \(plan.buyers.count) buyers
        products  \(plan.products.count)
        orders    \(plan.orders.count), with \(plan.reviews.count) reviews
        all with the password in \(Printable.line(passwordFile))\(makesFile ? ", which would be made" : "")

        """
    }
}
