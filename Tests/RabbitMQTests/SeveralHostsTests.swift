import Glibc
import RabbitMQ
import Synchronization
import TestSupport
import Testing

@Suite("Several hosts", .timeLimit(.minutes(60)))
struct SeveralHostsTests {
    /// The broker behind these ports, one after the other in the URL.
    private func configuration(_ broker: BrokerFixture, ports: [Int]) throws -> RabbitMQConfiguration {
        var url = broker.virtualHost.url
        let host = "127.0.0.1:\(broker.configuration.port)"
        #expect(url.contains(host))
        url.replace(host, with: ports.map { "127.0.0.1:\($0)" }.joined(separator: ","))
        var configuration = try patientConfiguration(url: url)
        configuration.reconnectDelay = .milliseconds(1) ... .milliseconds(50)
        return configuration
    }

    @Test("Hosts that say nothing, accept nothing or close at once cost their share, and the next one is taken")
    func unusable() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let silent = TCPProxy(to: broker.configuration.port)
            silent.pause()
            // Nobody listens behind it: what it accepts it closes.
            let closing = TCPProxy(to: 1)
            let full = try FullListener()
            broker.fixture.atEnd {
                silent.close()
                closing.close()
                full.close()
            }
            var configuration = try configuration(
                broker, ports: [silent.port, 1, closing.port, full.port, broker.configuration.port])
            configuration.connectTimeout = .seconds(5)
            // Whichever host comes first.
            for number in 0..<5 {
                let publisher = broker.publisher(configuration)
                #expect(
                    try await publisher.publish(message(to: "q", "\(number)"), timeout: .seconds(60)) == .confirmed)
            }
        }
    }

    @Test("A host that says nothing when TLS begins costs its share, and the next one is tried")
    func silentTLS() async throws {
        let silent = (0..<2).map { _ in SilentHost() }
        defer {
            for host in silent { host.close() }
        }
        let ports = silent.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        var configuration = try RabbitMQConfiguration(url: "amqps://user:secret@\(ports)/v?verify=verify_none")
        configuration.connectTimeout = .seconds(2)
        let admin = RabbitMQAdmin(configuration: configuration, logger: quietLogger)
        let asking = Task { try await admin.checkQueue("q") }
        try await eventually("both are tried") { silent.allSatisfy { $0.accepted > 0 } }
        await #expect(throws: RabbitMQError.self) { try await asking.value }
        await admin.close()
    }

    @Test("After a loss the next host is tried first")
    func movesOn() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let proxies = (0..<2).map { _ in TCPProxy(to: broker.configuration.port) }
            broker.fixture.atEnd { for proxy in proxies { proxy.close() } }
            let configuration = try configuration(broker, ports: proxies.map(\.port))
            let publisher = broker.publisher(configuration)
            try publisher.connect()
            var before = [0, 0]
            for round in 1...4 {
                // It connects again by itself; how many attempts that takes is the machine's affair.
                try await eventually("connection \(round) is made") {
                    proxies.map(\.accepted) != before && publisher.isConnected
                }
                before = proxies.map(\.accepted)
                #expect(abs(before[0] - before[1]) <= 1, "\(before)")
                #expect(try await publisher.publish(message(to: "q", "\(round)")) == .confirmed)
                for proxy in proxies { proxy.cut() }
            }
        }
    }

    @Test("A host whose queue cannot be consumed is left for the next")
    func consumer() async throws {
        try await withBroker { broker in
            let proxies = (0..<2).map { _ in TCPProxy(to: broker.configuration.port) }
            broker.fixture.atEnd { for proxy in proxies { proxy.close() } }
            let consumer = broker.consumer("q", via: try configuration(broker, ports: proxies.map(\.port)))
            let ready = Task { try await consumer.waitUntilReady() }
            try await eventually("both are tried") { proxies.allSatisfy { $0.accepted > 0 } }
            try await broker.admin.declareQueue("q")
            try await ready.value
        }
    }

    @Test("What is wrong with each host is told, in the URL's order and without the password")
    func told() async throws {
        let configuration = try patientConfiguration(url: "amqp://user:s3cret@127.0.0.1:1,127.0.0.1:2/v")
        for _ in 0..<4 {
            let admin = RabbitMQAdmin(configuration: configuration, logger: quietLogger)
            do {
                try await admin.checkQueue("q")
                Issue.record("no error")
            } catch let error as RabbitMQError {
                #expect(error.kind == .connectionFailed)
                #expect(
                    error.text == "127.0.0.1:1: Connection refused; 127.0.0.1:2: Connection refused", "\(error.text)")
            }
            await admin.close()
        }
    }
}

/// Accepts connections, and says nothing on them.
private final class SilentHost: Sendable {
    private let listener = LocalListener()
    private let connections = Mutex<[Int32]>([])

    init() { listener.serve { [self] connection in connections.withLock { $0.append(connection) } } }

    var port: Int { listener.port }
    var accepted: Int { connections.withLock { $0.count } }

    func close() {
        listener.close()
        for connection in connections.withLock({ $0 }) { Glibc.close(connection) }
    }
}
