import FoundationEssentials
import Hosting
import Testing

@testable import ShopctlCommands

@Suite("What an examination makes of what it has seen")
struct DoctorFindingTests {
    private func finding(_ kind: String, _ subject: String = "orders", evidence: [String] = []) -> DoctorFinding {
        DoctorFinding(.critical(kind, subject, "text", next: "shopctl status"), evidence: evidence)
    }

    @Test("That nothing could be mended is said")
    func unmended() {
        func told(_ finding: DoctorFinding, fixes: Bool = true) -> Bool {
            var seen = DoctorExamination()
            seen.findings = [finding]
            return DoctorReport(at: Date(timeIntervalSince1970: 1_000), seen: seen, fixes: fixes, isDryRun: false)
                .table(.plain).contains("nothing of this is mended by --fix")
        }
        #expect(told(finding("a")) && !told(finding("a"), fixes: false) && !told(finding("a").fixed))
    }

    @Test("Only what is seen twice is a finding; how much of it there is may change meanwhile")
    func twice() {
        let first = [finding("a", evidence: ["1"]), finding("b")]
        let second = [finding("a", evidence: ["2"]), finding("c"), finding("b", "products")]
        #expect(DoctorFinding.confirmed(second, by: first) == [second[0]])
    }

    @Test("Of much evidence the first is told, and how much more there is")
    func evidence() {
        #expect(finding("a", evidence: (1...5).map(String.init)).evidence == ["1", "2", "3", "4", "5"])
        #expect(finding("a", evidence: (1...7).map(String.init)).evidence == ["1", "2", "3", "4", "5", "and 2 more"])
    }

    @Test("A clock is off only by what its measurement cannot explain")
    func clocks() {
        let before = Date(timeIntervalSince1970: 1_000)
        func reading(_ time: Double, lasting: Double) -> ServerClock.Reading {
            ServerClock.reading(Date(timeIntervalSince1970: time), before, before + lasting, version: nil)
        }
        #expect(!reading(1_000, lasting: 0).isOff && !reading(1_002.5, lasting: 0).isOff)
        #expect(reading(1_003, lasting: 0).isOff && reading(997, lasting: 0).isOff)
        // An answer that took ten seconds may have been written at any time of them.
        #expect(!reading(1_010, lasting: 10).isOff && reading(1_020, lasting: 10).isOff)
        #expect(reading(1_003, lasting: 2).ahead == 2 && reading(1_003, lasting: 2).uncertainty == 1)
    }

    @Test("A date of whole seconds is no skew on one host, and is told as precisely as it can be known")
    func wholeSeconds() throws {
        let start = 784_111_777.0
        func seen(_ later: Double) throws -> (reading: ServerClock.Reading, source: DoctorSource) {
            let asked = Date(timeIntervalSince1970: start + later)
            let reading = try #require(ServerClock.reading(date: "Sun, 06 Nov 1994 08:49:37 GMT", asked, asked))
            var seen = DoctorExamination()
            seen.sources = [DoctorSource(name: "gateway", state: "ok")]
            seen.note(reading, of: "gateway", subject: "gateway")
            return (reading, seen.sources[0])
        }
        // The fraction is cut off, and a server writes its date once a second.
        for later in [0, 0.25, 0.5, 1.5, 1.75] {
            let (reading, source) = try seen(later)
            #expect(source.clockAhead == 0 && source.clock == "within 1.000s" && !reading.isOff, "\(later)")
        }
        let behind = try seen(3)
        #expect(behind.source.clockAhead == -2_000 && behind.source.clock == "-2.000s" && !behind.reading.isOff)
        let (after, before) = (try seen(5), try seen(-4))
        #expect(after.reading.isOff && before.reading.isOff)
    }

    @Test("A process that takes no requests is not ready, with its reason, and all is not well by it")
    func notReady() {
        func seen(_ text: String) -> DoctorExamination {
            let address = HostPort(host: "10.0.0.7", port: 9000)
            let readiness = Readiness(
                address: address, origin: "--address", isReady: !text.contains("[-]"), text: text)
            var status = ShopStatus(at: Date(timeIntervalSince1970: 1_800_000_000))
            status.processes = [
                ProcessStatus(address: address, origin: "--address", isNamed: true, readiness: readiness)
            ]
            var seen = DoctorExamination()
            seen.take(status)
            seen.sources = seen.sources.filter { $0.name.hasPrefix("process ") }
            return seen
        }
        #expect(seen("[+] orders orders.database\nready\n").sources.map(\.state) == ["ok"])
        var sick = seen("[-] orders orders.database: gone\nversion \(Version.text)\n")
        #expect(sick.sources.map(\.state) == ["not_ready"] && sick.isComplete)
        #expect(sick.sources.first?.reason == "orders orders.database: gone")
        #expect(sick.findings.contains { $0.finding.kind == "process_not_ready" }, "\(sick.findings)")
        sick.findings = []
        let text = DoctorReport(at: Date(), seen: sick, fixes: false, isDryRun: false).table(.plain)
        #expect(text.contains("not ready") && !text.contains("all is well"), "\(text)")
    }

    @Test("A Date header is read whole or not at all")
    func dates() {
        #expect(
            ServerClock.httpDate("Sun, 06 Nov 1994 08:49:37 GMT") == Date(timeIntervalSince1970: 784_111_777))
        for text in [
            "", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        ] {
            #expect(ServerClock.httpDate(text) == nil, "\(text)")
        }
    }

    @Test("A report says what stands, what is mended, what could not be looked at, and each next command once")
    func report() {
        var seen = DoctorExamination()
        seen.sources = [DoctorSource(name: "broker", state: "ok")]
        seen.checked = ["stock"]
        func text(_ seen: DoctorExamination) -> String {
            DoctorReport(at: Date(), seen: seen, fixes: false, isDryRun: false).table(.plain)
        }
        #expect(text(seen).hasSuffix("all is well: 1 invariants hold\n"))
        seen.unchecked = [("bindings", "nobody tells")]
        #expect(text(seen).contains("not checked bindings: nobody tells\nwhat could be looked at is well: "))
        var mended = finding("a")
        mended.isFixed = true
        seen.findings = [mended, finding("b", evidence: ["row 1"]), finding("c")]
        let told = text(seen)
        #expect(told.contains("fixed orders: text\n") && told.contains("critical orders: text\n  row 1\n"), "\(told)")
        #expect(told.hasSuffix("next: shopctl status\n") && !told.contains("then: "), "\(told)")
        #expect(!seen.isComplete)
        // Nobody is sent where he stands.
        seen.findings = [DoctorFinding(.critical("role_not_ready", "orders", "text", next: "shopctl doctor"))]
        #expect(!text(seen).contains("next: ") && seen.findings.first?.next == nil, "\(text(seen))")
    }

    @Test("Of a key that is retired it is told whose tokens may be alive")
    func keys() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        func use(_ end: Date?) -> KeyUse { KeyUse(isActive: false, signingEnd: end, now: now) }
        #expect(KeyUse(isActive: true, signingEnd: nil, now: now) == .signs && use(nil) == .unknown)
        #expect(use(now - 60) == .customers(now - 60 + KeyUse.longestToken))
        #expect(use(now - 3_600).word == "issued" && use(now - 32 * 86_400) == .nothing)
    }
}
