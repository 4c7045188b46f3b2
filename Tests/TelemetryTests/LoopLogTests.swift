import Logging
import Synchronization
import Telemetry
import Testing

/// A loop that is held up says so once, and once that it goes on.
@Suite struct LoopLogTests {
    private struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private struct Collector: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()
        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
    }

    @Test func oneLineAChange() {
        let lines = Lines()
        let log = LoopLog("the pump", logger: Logger(label: "test") { _ in Collector(lines: lines) })
        log.goesOn()
        #expect(lines.all.isEmpty)
        for port in 0..<1000 { log.heldUp(Trouble(description: "refused at port \(port)")) }
        #expect(lines.all == ["warning the pump is held up"])
        for _ in 0..<10 {
            log.heldUp(Trouble(description: "no such queue"))
            log.heldUp(Trouble(description: "refused at port 7"))
        }
        #expect(lines.all.count == 2)
        for _ in 0..<10 { log.goesOn() }
        #expect(lines.all == ["warning the pump is held up", "warning the pump is held up", "info the pump goes on"])
        log.heldUp(Trouble(description: "no such queue"))
        #expect(lines.all.count == 4)
    }

    @Test func causesWithoutEndAreNotAllTold() {
        let lines = Lines()
        let log = LoopLog("the pump", logger: Logger(label: "test") { _ in Collector(lines: lines) })
        for letter in "abcdefghijklmnopqrstuvwxyz" { log.heldUp(Trouble(description: String(letter))) }
        #expect(lines.all.count == 8)
    }
}
