import FoundationEssentials
import TestSupport
import Testing

@testable import RabbitMQ

@Suite("Hostile broker", .timeLimit(.minutes(60)))
struct HostileBrokerTests {
    @Test("Whatever a broker sends ends in a message or an error, and traps nowhere", .ownThreads)
    func fuzz() async throws {
        let run = FuzzRun("broker", cases: 2_000)
        await #expect(processExitsWith: .success, "SHOPCTL_FUZZ_SEED=\(run.seed)") {
            [seed = run.seed as UInt64, count = run.cases as Int] in
            var writer = FrameWriter(random: SeededGenerator(seed: seed))
            var whole = 0
            for _ in 0..<count {
                var wire = writer.conversation()
                // Half of them are damaged.
                if writer.random.chance(percent: 50), !wire.isEmpty {
                    for _ in 0..<writer.random.int(1...4) {
                        let position = writer.random.int(0...wire.count - 1)
                        switch writer.random.int(0...2) {
                        case 0: wire[position] = UInt8(writer.random.int(0...255))
                        case 1: wire[position] ^= 1 << UInt8(writer.random.int(0...7))
                        default:
                            wire.replaceSubrange(position..<min(position + 4, wire.count), with: [255, 255, 255, 255])
                        }
                    }
                }
                if let events = try? WireReader.readHere(wire) {
                    whole += events.count
                    for event in events { use(event) }
                }
            }
            #expect(whole > count / 10, "the fuzz never gets anywhere")
        }
    }

    @Test("Tables and arrays nested as deep as a frame has room for are cut off", .ownThreads, arguments: ["F", "A"])
    func nesting(kind: String) async throws {
        await #expect(processExitsWith: .success) { [kind = kind as String] in
            // An element, or an entry without a name, that holds all those after it; the last one is null.
            let isTable = kind == "F"
            let size = isTable ? 6 : 5
            let levels = (MessageLimits.frameBytes - 64) / size
            var table: [UInt8] = [0]
            for level in 0..<levels {
                table += kind.utf8
                table += FrameWriter.integer(UInt64((levels - level) * size + 1 - 5), 4)
                if isTable { table.append(0) }
            }
            table += "V".utf8
            let payload = FrameWriter.join(
                FrameWriter.integer(60, 2), FrameWriter.integer(0, 2), FrameWriter.integer(0, 8),
                FrameWriter.integer(0x2000, 2), FrameWriter.integer(UInt64(table.count), 4), table)
            let events = try await WireReader.read(
                FrameWriter.join(
                    FrameWriter.frame(1, 1, FrameWriter.firstDelivery), FrameWriter.frame(2, 1, payload)))
            guard case .delivered(_, let properties, _)? = events.first else {
                Issue.record("not delivered")
                return
            }
            var depth = 0
            var next = properties.headers[""]
            while let value = next {
                depth += 1
                switch value {
                case .table(let table): next = table[""]
                case .array(let values): next = values.first
                default: next = nil
                }
            }
            #expect(depth == MessageLimits.tableDepth)
        }
    }

    @Test("Content of another class is a violation: it is decoded into another structure")
    func foreignClass() async throws {
        for classID: UInt64 in [10, 20, 40, 50, 85, 90] {
            let header = FrameWriter.join(
                FrameWriter.integer(classID, 2), FrameWriter.integer(0, 2), FrameWriter.integer(0, 8),
                FrameWriter.integer(0, 2))
            let wire = FrameWriter.join(
                FrameWriter.frame(1, 1, FrameWriter.firstDelivery), FrameWriter.frame(2, 1, header))
            await #expect(throws: RabbitMQError.self) { _ = try await WireReader.read(wire) }
        }
    }

    @Test("A frame of a channel that was never opened is a violation")
    func foreignChannel() async throws {
        let ack = FrameWriter.join(FrameWriter.ack, FrameWriter.integer(1, 8), [0])
        #expect(try await WireReader.read(FrameWriter.frame(1, 1, ack)) == [.method(.ack(tag: 1, multiple: false))])
        await #expect(throws: RabbitMQError.self) { _ = try await WireReader.read(FrameWriter.frame(1, 2, ack)) }
    }

    @Test("A body that would fill the memory is refused when it is announced")
    func longBody() throws {
        let info = DeliveryInfo(deliveryTag: 1, redelivered: false, exchange: "", routingKey: "q")
        for size in [MessageLimits.inboundBodyBytes + 1, UInt64.max] {
            var assembler = MessageAssembler()
            _ = try assembler.receive(.method(.deliver(info)))
            #expect(throws: RabbitMQError.self) {
                _ = try assembler.receive(.header(bodySize: size, properties: MessageProperties()))
            }
        }
    }

    @Test("A moment far beyond the calendar is one that every calendar and integer can hold")
    func farMoment() {
        #expect(Int64(Date(wireSeconds: .max).timeIntervalSince1970) == 253_402_300_799)
    }
}

/// Does with an event what consumers and publishers do.
private func use(_ event: MessageAssembler.Event) {
    switch event {
    case .delivered(let info, let properties, let body), .got(let info, let properties, let body):
        let delivery = Delivery(info, properties, body)
        _ = HeaderValue.encodedLength(of: delivery.properties.headers)
        _ = delivery.properties.expiration?.wholeMilliseconds
        _ = delivery.properties.timestamp.map { Int64($0.timeIntervalSince1970) }
        var ledger = AckLedger()
        if (try? ledger.delivered(info.deliveryTag)) != nil { _ = ledger.acknowledge(1...1) }
    case .method(.ack(let tag, let multiple)):
        var tracker = ConfirmTracker<Int>()
        tracker.add(1)
        _ = try? tracker.acknowledge(tag: tag, multiple: multiple)
    case .method(.nack(let tag, let multiple)):
        var tracker = ConfirmTracker<Int>()
        _ = try? tracker.reject(tag: tag, multiple: multiple)
    case .returned, .method:
        break
    }
}
