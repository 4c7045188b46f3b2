import FoundationEssentials
import Testing

@testable import Events
@testable import RabbitMQ
@testable import ShopctlCommands

@Suite("Letters that wait or were given up on, as they are told")
struct DeadLetterListingTests {
    private func delivery(
        id: String? = "7f9c24e8-3b12-4a51-9f4f-2f6f1df0a3a1", _ errorClass: String = "exhausted",
        type: String = "order.confirmed", body: String = "{}"
    ) -> Delivery {
        Delivery(
            DeliveryInfo(deliveryTag: 1, redelivered: false, exchange: "", routingKey: ""),
            MessageProperties(
                messageID: id, type: type,
                headers: ["shop-dead-reason": "no", "shop-dead-error-class": .string(errorClass)]), Array(body.utf8))
    }

    private func commands(_ classes: String...) -> [String] {
        let text = DeadLetterListing(service: "reviews", letters: classes.map { delivery($0) }, page: nil).table(.plain)
        return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("next: ") || $0.hasPrefix("then: ") }
    }

    @Test("What nobody can read is not sent back, where it would die again: it is kept elsewhere and dropped")
    func hopeless() {
        let drop = [
            "shopctl queue export reviews --filter reason=undecodable > reviews.jsonl",
            "then: shopctl queue drop reviews --filter reason=undecodable --reason \"it cannot be read\" --dry-run",
        ]
        #expect(commands("undecodable", "undecodable") == ["next: " + drop[0], drop[1]])
        #expect(commands("exhausted") == ["next: shopctl queue replay reviews"])
        #expect(
            commands("undecodable", "exhausted", "unknown_type") == [
                "next: shopctl queue replay reviews --filter reason=exhausted --filter reason=unknown_type",
                "then: " + drop[0], drop[1],
            ])
    }

    @Test("Columns may be chosen, and a letter without an id by what is in it")
    func chosen() throws {
        let letters = [delivery(id: nil, body: "no json 1"), delivery(id: nil, body: "no json 2")]
        let listing = DeadLetterListing(service: "reviews", letters: letters, page: nil)
        let style = TextStyle(columns: ["type", "body"])
        let table = try Renderer.text(listing, as: .table, style: style)
        #expect(table == "TYPE             BODY\norder.confirmed  no json 1\norder.confirmed  no json 2\n")
        let lines = try Renderer.text(listing, as: .jsonl, style: TextStyle(columns: ["body"]))
        #expect(lines.hasPrefix(#"{"schema_version":1,"body":"no json 1"}"# + "\n"))
        let second = LetterSelection([], [try LetterFilter("body=json 2")], now: .now)
        #expect(letters.map(second.contains) == [false, true])
        #expect(try LetterFilter("body=json 2").text == "body=json 2")
        #expect(listing.table(.plain).contains("--filter body=TEXT"))
    }

    @Test("Of messages that are tried again copies are counted apart")
    func copies() {
        func retried(_ id: String?, _ delay: RetryDelay = .fiveSeconds, type: String = "saga.order-placement.try")
            -> RetriedMessage
        {
            RetriedMessage(delivery: delivery(id: id, type: type), delay: delay)
        }
        let seen = [retried("a"), retried("a", .thirtySeconds), retried("b"), retried(nil), retried(nil)]
        let waiting = WaitingMessages(seen, limit: 10)
        #expect(waiting == WaitingMessages(copies: 5, messages: 4, delay: .thirtySeconds, areSteps: true))
        #expect(WaitingMessages(seen, limit: 4) == nil, "there may be more")
        #expect(WaitingMessages([], limit: 10) == nil)
        #expect(WaitingMessages([retried("a", type: "order.confirmed")], limit: 10)?.areSteps == false)
        func end(_ messages: [RetriedMessage], of total: Int) -> String? {
            RetryListing(service: "customers", messages: messages, total: total).table(.plain)
                .split(separator: "\n").last.map(String.init)
        }
        #expect(end(Array(seen.prefix(3)), of: 3) == "3 copies of 2 messages")
        #expect(end(Array(seen.prefix(3)), of: 9) == "3 copies of 2 messages, 3 of 9")
        #expect(end([retried("a"), retried("b")], of: 2) == "2 of 2")
    }
}
