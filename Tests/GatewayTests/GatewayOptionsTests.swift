import Hosting
import Testing

@testable import Gateway

@Suite("The gateway's settings")
struct GatewayOptionsTests {
    @Test("The audit trail is kept for as long as its setting says")
    func auditRetention() throws {
        let configuration = try ShopConfiguration(flags: ["retention.audit": "3"], file: nil, environment: [:])
        #expect(GatewayOptions(configuration, roles: [.gateway]).auditRetention == .seconds(3 * 86_400))
        #expect(GatewayOptions().auditRetention == .seconds(730 * 86_400))
    }
}
