import RabbitMQ
import TestSupport
import Testing

@Suite("Connection errors", .timeLimit(.minutes(60)))
struct ConnectionErrorTests {
    /// The error of a first call with a changed URL.
    private func failure(_ change: @Sendable (inout String, BrokerFixture) -> Void) async throws -> RabbitMQError {
        var result: RabbitMQError?
        try await withBroker { broker in
            var url = broker.virtualHost.url
            change(&url, broker)
            let configuration = try patientConfiguration(url: url)
            let publisher = broker.publisher(configuration)
            do {
                _ = try await publisher.publish(message(to: "q", "a"))
            } catch let error as RabbitMQError {
                #expect(!error.isOutcomeUnknown)
                let admin = RabbitMQAdmin(configuration: configuration, logger: quietLogger)
                #expect(await errorKind { try await admin.checkQueue("q") } == error.kind)
                await admin.close()
                result = error
            }
        }
        return try #require(result)
    }

    @Test("A wrong password is refused, and shown nowhere")
    func wrongPassword() async throws {
        let error = try await failure { url, broker in
            let host = url[(url.lastIndex(of: "@") ?? url.endIndex)...]
            url = "amqp://\(broker.configuration.user):wr0ng\(host)"
        }
        #expect(error.kind == .authentication)
        #expect(!error.description.contains("wr0ng"))
        #expect(!error.isRetryable)
    }

    @Test("A closed port")
    func closedPort() async throws {
        let error = try await failure { url, broker in
            url.replace(":\(broker.configuration.port)/", with: ":1/")
        }
        #expect(error.kind == .connectionFailed)
        #expect(error.isRetryable)
    }

    @Test("A missing virtual host")
    func missingVirtualHost() async throws {
        let error = try await failure { url, broker in
            url.replace("/\(broker.virtualHost.name)", with: "/missing")
        }
        #expect(error.kind == .notFound)
        #expect(error.code == 530)
    }

    @Test("TLS to a port that speaks none")
    func unexpectedPlain() async throws {
        let error = try await failure { url, _ in
            url.replace("amqp://", with: "amqps://")
            url += "?verify=verify_none"
        }
        #expect(error.kind == .connectionFailed)
    }

    @Test("A missing file of authorities is named")
    func missingAuthorities() async throws {
        let error = try await failure { url, _ in
            url.replace("amqp://", with: "amqps://")
            url += "?cacertfile=/nonexistent/ca.pem"
        }
        #expect(error.kind == .configuration)
        #expect(error.text.contains("/nonexistent/ca.pem"))
    }

    @Test("A server that accepts and says nothing is given up")
    func silentServer() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            proxy.pause()
            configuration.connectTimeout = .milliseconds(300)
            let publisher = broker.publisher(configuration)
            #expect(await errorKind { try await publisher.publish(message(to: "q", "a")) } == .connectionFailed)
        }
    }
}
