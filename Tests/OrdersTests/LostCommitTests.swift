import Hosting
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// The connection to the database is lost during COMMIT, at every third one, before or after it took effect: what became
/// of it is looked up, so that nothing is lost, nothing is done twice, and those who are told of a success are told.
@Suite struct LostCommitTests {
    @Test(arguments: [TCPProxy.Moment.afterTheServerAnswered, .beforeTheServerGetsIt])
    func theOutcomeIsLookedUp(_ moment: TCPProxy.Moment) async throws {
        try await Shop.openThroughProxy { shop, proxy in
            let product = try await shop.sell(price: 100, amount: 9)
            try await shop.topUp(7, 900)
            proxy.cut(at: "COMMIT", moment, every: 3)
            for left in (4...8).reversed() {
                let order = try await shop.buy(7, product)
                #expect(order.state == "confirmed")
                // A missed invalidation would show for minutes.
                try await eventually("the product shows \(left)") {
                    try await shop.peers.products.getOneProduct(.with { $0.id = product }).product.amount == left
                }
            }
            #expect(proxy.cuts > 5)
            proxy.disarm()
            try await shop.settle()
            #expect(try await shop.balance(7) == (400, 0))
            try await shop.checkInvariants()
        }
    }
}
