import TestSupport
import Testing

@testable import RabbitMQ

@Suite("RabbitMQ without descriptors", .timeLimit(.minutes(60)))
struct DescriptorTests {
    @Test(
        "Clients made when the process has no descriptor left fail without one, and work as soon as there are some",
        .ownThreads)
    func lateStart() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let url = broker.virtualHost.url
            await #expect(processExitsWith: .success) { [url = url as String] in
                let configuration = try patientConfiguration(url: url)
                let publisher = withoutDescriptors {
                    let publisher = RabbitMQPublisher(configuration: configuration, logger: quietLogger)
                    let error = #expect(throws: RabbitMQError.self) { try publisher.connect() }
                    #expect(error?.text.contains("out of file descriptors") == true)
                    return publisher
                }
                let consumer = withoutDescriptors {
                    RabbitMQConsumer(configuration: configuration, queue: "q", logger: quietLogger)
                }
                #expect(try await publisher.publish(message(to: "q", "a")) == .confirmed)
                try await consumer.oneBatch().ack()
                await publisher.close()
                await consumer.close()
            }
        }
    }

    @Test("A connection that gets no descriptor is an error that says so", .ownThreads)
    func connecting() async throws {
        await #expect(processExitsWith: .success) {
            let endpoint = BrokerEndpoint(host: "127.0.0.1", port: 1)
            let addresses = try SocketAddress.resolve(endpoint)
            let error = #expect(throws: RabbitMQError.self) {
                try withoutDescriptors {
                    try SocketConnector.connect(
                        addresses[0], of: endpoint, until: .now + .seconds(1), wake: WakeUp(), isCancelled: { false })
                }
            }
            #expect(error?.text == "127.0.0.1:1: Too many open files")
        }
    }
}
