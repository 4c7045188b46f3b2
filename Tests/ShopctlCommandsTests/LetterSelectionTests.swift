import FoundationEssentials
import Testing

@testable import Events
@testable import RabbitMQ
@testable import ShopctlCommands

@Suite("Dead letters are chosen by their ids and by conditions")
struct LetterSelectionTests {
    private static let now = Date(timeIntervalSince1970: 1_000_000)
    private static let saga = "6f0c7a9e-5a53-4a51-9f4f-2f6f1df0a3a1"

    private func letter(
        id: String = "7f9c24e8-3b12-4a51-9f4f-2f6f1df0a3a1", type: String? = "order.confirmed", died: Int64? = nil
    ) -> Delivery {
        var headers: [String: HeaderValue] = [
            "shop-dead-reason": "Failed 9 times; at last: no such thing", "shop-dead-error-class": "exhausted",
        ]
        if let died { headers["shop-dead-at"] = .int(1_000_000 - died) }
        return Delivery(
            DeliveryInfo(deliveryTag: 1, redelivered: false, exchange: "", routingKey: ""),
            MessageProperties(messageID: id, correlationID: Self.saga, type: type, headers: headers), [])
    }

    private func takes(_ filter: String, ids: [String] = [], _ letter: Delivery) throws -> Bool {
        LetterSelection(ids, [try LetterFilter(filter)], now: Self.now).contains(letter)
    }

    @Test("Of one word any condition must hold, of several words all")
    func words() throws {
        let old = letter(died: 7200)
        for filters in [
            ["type=order.confirmed"], ["type=order.*"], ["type=x", "type=order.confirmed"], ["reason=exhausted"],
            ["reason=NO SUCH"], ["saga=6F0C7A9E"], ["saga=\(Self.saga)"], ["older=1h"], ["newer=3h"],
            ["type=order.*", "reason=exhausted", "older=1h", "newer=3h"],
        ] {
            let selection = LetterSelection([], try filters.map(LetterFilter.init), now: Self.now)
            #expect(selection.contains(old), "\(filters)")
        }
        for filters in [
            ["type=order"], ["type=order.confirm"], ["reason=undecodable"], ["saga=7f9c24e8"], ["older=3h"],
            ["newer=1h"], ["type=order.*", "older=3h"],
        ] {
            let selection = LetterSelection([], try filters.map(LetterFilter.init), now: Self.now)
            #expect(!selection.contains(old), "\(filters)")
        }
    }

    @Test("What is tried again is chosen alike, by its last error and the time when it failed last")
    func retried() throws {
        var history = FailureHistory()
        history.fail(at: Self.now - 9_000)
        history.fail(at: Self.now - 7_200)
        // Once the broker has moved it, its own word is no reason.
        var headers: [String: HeaderValue] = [
            "shop-last-error": "42501 permission denied", "shop-attempt": 2, "x-first-death-reason": "expired",
        ]
        history.write(to: &headers)
        let message = RetriedMessage(
            delivery: Delivery(
                DeliveryInfo(deliveryTag: 1, redelivered: false, exchange: "", routingKey: ""),
                MessageProperties(correlationID: Self.saga, type: "order.confirmed", headers: headers), []),
            delay: .fiveSeconds)
        func takes(_ filter: String) throws -> Bool {
            LetterSelection([], [try LetterFilter(filter)], now: Self.now).contains(message)
        }
        for filter in ["type=order.*", "reason=PERMISSION", "saga=6f0c7a9e", "older=110m", "newer=130m"] {
            #expect(try takes(filter), "\(filter)")
        }
        for filter in ["type=order", "reason=expired", "reason=unknown", "saga=7f9c24e8", "older=130m", "newer=110m"] {
            #expect(try !takes(filter), "\(filter)")
        }
    }

    @Test("A letter that does not tell when it died is neither older nor newer, and one without a type has none")
    func untold() throws {
        #expect(try !takes("older=1s", letter()))
        #expect(try !takes("newer=7d", letter()))
        #expect(try !takes("type=*", letter(type: nil)))
    }

    @Test("An id and a condition hold both")
    func ids() throws {
        #expect(try takes("type=order.*", ids: ["7F9C24E8"], letter()))
        #expect(try !takes("type=product.*", ids: ["7f9c24e8"], letter()))
        #expect(try !takes("type=order.*", ids: ["00000000"], letter()))
    }

    @Test(
        "What is no condition is refused with what can be said",
        arguments: ["", "type", "type=", "odd=1", "older=soon", "newer=-1h", "saga=6f0c"])
    func refused(text: String) async {
        let run = await CommandRun(["queue", "replay", "orders", "--filter", text])
        #expect(run.status == .usage && run.notes.contains("--filter"), "\(text): \(run)")
    }

    @Test("Filters drop nothing by themselves, and wants that depend on answers wait for some")
    func usage() async {
        for line in [
            ["drop", "orders", "--filter", "type=x", "--reason", "x"],
            ["drop", "orders", "--all", "--filter", "type=x", "--yes", "--reason", "x"],
            ["replay", "orders", "--canary", "1", "--wait", "0"],
            ["replay", "orders", "--stop-after-failures", "1", "--wait", "0"],
            ["replay", "orders", "--canary", "0"], ["replay", "orders", "--stop-after-failures", "0"],
            ["replay", "orders", "--rate", "0/s"], ["replay", "orders", "--rate", "5"],
            ["replay", "orders", "--rate", "5/d"], ["replay", "orders", "--rate", "-1/s"],
            ["peek", "orders", "--retry", "--filter", "odd=x"], ["peek", "orders", "--retry", "--since", "1h"],
        ] {
            let run = await CommandRun(["queue"] + line)
            #expect(run.status == .usage && !run.notes.isEmpty, "\(line): \(run)")
        }
    }
}
