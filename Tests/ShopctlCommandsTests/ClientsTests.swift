import Hosting
import Postgres
import RabbitMQ
import Testing

@testable import ShopctlCommands

/// How patient a command is with its backends.
@Suite struct ClientsTests {
    private func configuration(_ query: (database: String, broker: String)) throws -> ShopConfiguration {
        try ShopConfiguration(environment: [
            "SHOPCTL_ORDERS_DATABASE_URL": "postgres://a@localhost/orders\(query.database)",
            "AMQP_URL": "amqp://a:b@localhost/x\(query.broker)",
        ])
    }

    @Test func aTimeInTheURLHolds() throws {
        let configuration = try configuration(("?connect_timeout=61", "?connection_timeout=62000"))
        #expect(try configuration.database(of: .orders, among: [.orders]).connectTimeout == .seconds(61))
        #expect(try configuration.broker(name: "test").connectTimeout == .seconds(62))
    }

    @Test func withoutOneItIsTheCommands() throws {
        let configuration = try configuration(("", ""))
        let time = Duration.seconds(3)
        let database = try configuration.database(of: .orders, among: [.orders], connectTimeout: time)
        #expect(database.connectTimeout == time)
        #expect(try configuration.broker(name: "test", connectTimeout: time).connectTimeout == time)
    }
}
