import DriverSupport
import Testing

@testable import RabbitMQ

@Suite("One attempt to connect")
struct ConnectAttemptTests {
    /// The shares of three hosts of which none uses any time, in their order.
    private func shares(_ scheme: String) throws -> [Duration] {
        var configuration = try RabbitMQConfiguration(
            url: "\(scheme)://user:secret@127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/v")
        configuration.connectTimeout = .seconds(6000)
        let attempt = ConnectAttempt(configuration, turn: 1)
        var seen: [(port: UInt16, share: Duration)] = []
        #expect(throws: RabbitMQError.self) {
            try attempt.run(isCancelled: { false }) { endpoint, _, deadline throws(RabbitMQError) -> Int in
                seen.append((endpoint.port, deadline.fromNow))
                throw RabbitMQError(.connectionFailed, "\(endpoint): away")
            }
        }
        #expect(seen.map(\.port) == [2, 3, 1])
        return seen.map(\.share)
    }

    @Test("Every host has its share of the time that is left, with TLS too", arguments: ["amqp", "amqps"])
    func shares(scheme: String) throws {
        let shares = try shares(scheme)
        for (share, most) in zip(shares, [2000, 3000, 6000]) {
            #expect(share <= .seconds(most) && share > .seconds(most - 600))
        }
    }
}
