import FoundationEssentials
import Logging
import ServiceContextModule
import Synchronization
import Telemetry
import Testing

/// Records written by a logger, as text.
private final class Records: Sendable {
    private let lines = Mutex<[String]>([])

    func logger(_ style: LogStyle = .json, label: String = "orders") -> Logger {
        let sink = LogSink { [self] record in lines.withLock { $0.append(String(decoding: record, as: UTF8.self)) } }
        return Logger(label: label) { ShopLogHandler(label: $0, style: style, level: .trace, sink: sink) }
    }

    var all: [String] { lines.withLock { $0 } }
    var last: String { all.last ?? "" }
}

private struct Broken: Error, CustomStringConvertible {
    var description: String { "it \"broke\"\nbadly" }
}

@Suite("Log records")
struct LogHandlerTests {
    private let records = Records()

    private func decoded() throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(records.last.utf8))
    }

    @Test("A record is one line of JSON with its fields in order")
    func jsonRecord() throws {
        records.logger().info("order placed", [.orderID: "7", .sagaID: "abc"])
        let line = records.last
        #expect(line.hasSuffix("}\n"))
        #expect(line.filter { $0 == "\n" }.count == 1)
        let parts = line.split(separator: "\"ts\":\"")
        #expect(parts.count == 2)
        let behind = try #require(line.firstIndex(of: ",")).utf16Offset(in: line)
        #expect(
            line.dropFirst(behind)
                == #","level":"info","logger":"orders","msg":"order placed","order_id":"7","saga_id":"abc"}"# + "\n")
    }

    @Test("The time is RFC 3339 in UTC with milliseconds, and now")
    func timestamp() throws {
        let before = Date.now
        records.logger().info("now", metadata: [:])
        let after = Date.now
        let text = try #require(try decoded()["ts"])
        #expect(text.utf8.count == "2026-01-31T12:34:56.789Z".utf8.count)
        let date = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(date.timeIntervalSince(before) > -0.002)
        #expect(after.timeIntervalSince(date) > -0.002)
    }

    @Test(
        "Whatever is in a text, the record stays one line of valid JSON",
        arguments: ["quote \" and \\", "line\nbreak\r\ttab", "\u{0}\u{1}\u{1B}[31mred\u{7F}", "ёж 🦔", "", "</script>"])
    func escaping(text: String) throws {
        records.logger().info("\(text)", metadata: ["\(text)key": "\(text)"])
        #expect(records.last.dropLast().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        let record = try decoded()
        #expect(record["msg"] == text)
        #expect(record["\(text)key"] == text)
    }

    @Test(
        "What a terminal obeys or does not show is escaped, wherever it stands, and a reader of JSON gets it back",
        arguments: [
            ("a\u{202E}b", #"a\u202eb"#), ("\u{9B}31m", #"\u009b31m"#), ("\u{200B}\u{2066}", #"\u200b\u2066"#),
            ("\u{FEFF}\u{2028}", #"\ufeff\u2028"#), ("\u{61C}é", #"\u061cé"#),
        ])
    func invisible(text: String, shown: String) throws {
        records.logger(label: text).info("\(text)", metadata: ["\(text)key": "\(text)", "list": ["\(text)"]])
        let line = records.last
        #expect(line.contains(#""logger":"\#(shown)","msg":"\#(shown)""#), "\(line)")
        #expect(line.contains(#""\#(shown)key":"\#(shown)""#) && line.contains(#""list":["\#(shown)"]"#), "\(line)")
        let isHidden = line.dropLast().unicodeScalars.contains(where: \.isInvisible)
        #expect(!isHidden)
        struct Message: Decodable { let msg: String }
        #expect(try JSONDecoder().decode(Message.self, from: Data(line.utf8)).msg == text)
    }

    @Test("Nested metadata is flattened, and a record's own fields cannot be overwritten")
    func metadata() throws {
        records.logger().info(
            "m",
            metadata: ["peer": ["host": "a", "port": "\(1)", "deep": ["x": "y"]], "level": "fake", "msg": "fake"])
        let record = try decoded()
        #expect(record["peer.host"] == "a")
        #expect(record["peer.port"] == "1")
        #expect(record["peer.deep.x"] == "y")
        #expect(record["level"] == "info")
        #expect(record["msg"] == "m")
        #expect(record["metadata.level"] == "fake")
        records.logger().info("list", metadata: ["items": ["a", "b", .dictionary(["c": "d"])]])
        #expect(records.last.contains(#""items":["a","b",{"c":"d"}]"#))
    }

    @Test("An error is a field of the record")
    func error() throws {
        records.logger().error("failed", error: Broken())
        #expect(try decoded()["error"] == "it \"broke\"\nbadly")
    }

    @Test("The task's trace and request ids are in every record; the message's own metadata wins")
    func provider() throws {
        let trace = TraceContext.root()
        var context = ServiceContext.topLevel
        context.traceContext = trace
        context.requestID = "r-1"
        let logger = records.logger().with([.role: "orders", .requestID: "of the logger"])
        try ServiceContext.withValue(context) {
            logger.info("inside")
            let record = try decoded()
            #expect(record["trace_id"] == trace.traceID)
            #expect(record["request_id"] == "r-1")
            #expect(record["role"] == "orders")
            logger.info("inside", [.requestID: "r-2"])
            #expect(try decoded()["request_id"] == "r-2")
        }
        logger.info("outside")
        #expect(try decoded()["trace_id"] == nil)
        #expect(try decoded()["request_id"] == "of the logger")
    }

    @Test("Levels below the logger's write nothing and evaluate nothing")
    func levels() {
        var logger = records.logger()
        logger.logLevel = .warning
        func expensive() -> Logger.Message {
            Issue.record("evaluated")
            return ""
        }
        logger.info(expensive(), [.orderID: "\(expensive())"])
        #expect(records.all.isEmpty)
        logger.warning("w")
        logger.critical("c", [.error: "e"])
        #expect(records.all.count == 2)
    }

    @Test("The human layout is one line, quotes what has blanks, and shows control characters")
    func human() {
        records.logger(.human(coloured: false)).warning("two\nlines \u{1B}[2J", [.path: "/api", .reason: "no stock"])
        let line = records.last.dropFirst("12:34:56.789".count)
        #expect(line == #" WARNING  orders: two\nlines \x1b[2J path=/api reason="no stock""# + "\n")
        records.logger(.human(coloured: true)).error("e")
        #expect(records.last.contains("\u{1B}[31mERROR\u{1B}[0m"))
    }

    @Test("Metadata keys are snake case and unlike each other")
    func keys() {
        let raw = LogKey.allCases.map(\.rawValue)
        #expect(Set(raw).count == raw.count)
        #expect(raw.allSatisfy { $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F } })
        #expect(LogKey.requestID.rawValue == "request_id")
    }
}
