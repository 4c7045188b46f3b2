import RabbitMQ
import Testing

@testable import Events

/// What is wrong with a service's queues, told from what an operator's view shows.
@Suite struct QueueFindingTests {
    private static let service = MessagingScene.service

    /// A broker that has everything, and nothing else.
    private static var whole: BrokerSnapshot {
        BrokerSnapshot(
            queues: service.queues.map { ViewedQueue(name: $0.name) },
            bindings: service.queues.flatMap { queue in
                [ViewedBinding(exchange: "", queue: queue.name, routingKey: queue.name)]
                    + queue.bindings.map {
                        ViewedBinding(exchange: $0.exchange, queue: queue.name, routingKey: $0.routingKey)
                    }
            })
    }

    private func findings(_ change: (inout BrokerSnapshot) -> Void) -> [QueueFinding] {
        var snapshot = Self.whole
        change(&snapshot)
        return snapshot.findings(about: Self.service)
    }

    @Test func nothingIsWrongWithWhatIsWhole() {
        #expect(findings { _ in }.isEmpty)
        #expect(findings { $0.queues["another"] = ViewedQueue(name: "another") }.isEmpty)
        #expect(
            findings { $0.bindings.append(.init(exchange: "shop.events", queue: "another", routingKey: "#")) }.isEmpty)
    }

    @Test func bindingsThatAreMissingOrTooMany() {
        let inbox = Self.service.inbox
        let wanted = QueueBinding(exchange: "shop.events", routingKey: "test.happened")
        #expect(
            findings { $0.bindings.removeAll { $0.routingKey == "test.happened" } }
                == [.missingBinding(queue: inbox, wanted)])
        // One with arguments is another.
        let odd = findings { snapshot in
            for index in snapshot.bindings.indices where snapshot.bindings[index].routingKey == "test.happened" {
                snapshot.bindings[index].hasArguments = true
            }
        }
        #expect(odd.map(\.kind) == ["missing_binding", "surplus_binding"])
        let surplus = findings { $0.bindings.append(.init(exchange: "shop.events", queue: inbox, routingKey: "#")) }
        #expect(surplus == [.surplusBinding(queue: inbox, QueueBinding(exchange: "shop.events", routingKey: "#"))])
    }

    @Test func whatWentPastAQueueThatIsMissing() {
        let (inbox, bindings) = (Self.service.inbox, Self.service.queues[0].bindings)
        let gone = findings { $0.queues[inbox] = nil }
        #expect(gone == [.missingQueue(inbox, bindings)])
        #expect(gone.flatMap { $0.losses() }.map(\.type) == Self.service.bindings)
        // What is given up on stays where it is as long as it cannot be routed.
        let dead = findings { $0.queues[Self.service.dead] = nil }
        #expect(dead.map(\.kind) == ["missing_queue"] && dead.allSatisfy { $0.losses().isEmpty })
        // A queue of an earlier version still takes what is sent.
        let older = Self.service.retiredQueues.filter { $0.successor == inbox }.map(\.name)
        #expect(older.count == 1)
        #expect(Self.service.missingQueues { $0 != inbox && !older.contains($0) } == gone)
        let replaced = findings { snapshot in
            snapshot.queues[inbox] = nil
            for name in older { snapshot.queues[name] = ViewedQueue(name: name) }
        }
        #expect(replaced == [.missingQueue(inbox, [])])
    }

    /// Whether a setting loses messages of the inbox, the first retry queue and the dead letters; nil if it harms none.
    @Test(
        arguments: [
            ("expires", 1000, true, true, true), ("message-ttl", 1000, false, nil, true),
            ("delivery-limit", 3, false, nil, true), ("delivery-limit", 5_000_000, nil, nil, nil),
            ("max-length", 10, nil, nil, nil), ("max-in-memory-length", 10, nil, nil, nil),
        ] as [(String, Int64, Bool?, Bool?, Bool?)])
    func policies(_ setting: String, _ value: Int64, _ inbox: Bool?, _ retry: Bool?, _ dead: Bool?) {
        for (queue, expected) in [
            (Self.service.inbox, inbox), (Self.service.retry(RetryDelay.allCases[0]), retry), (Self.service.dead, dead),
        ] {
            let found = findings { snapshot in
                snapshot.queues[queue]?.policy = "foreign"
                snapshot.queues[queue]?.definition = [setting: .number(value)]
            }
            #expect(
                found.map(\.kind) == (expected.map { [$0 ? "losing_policy" : "diverting_policy"] } ?? []), "\(queue)")
            for finding in found { #expect("\(finding)".contains("'foreign' (\(setting): \(value))")) }
        }
    }
}
