import FoundationEssentials
import Glibc
import Testing

@testable import Hosting

@Suite("Settings from files and pipes")
struct SettingFileTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func load(
        flags: [String: String] = [:], file: String? = nil, _ environment: [String: String] = [:]
    ) throws -> ShopConfiguration {
        try ShopConfiguration(flags: flags, file: file, environment: environment)
    }

    private func refusal(file: String? = nil, _ environment: [String: String] = [:]) throws -> String {
        try #require(throws: ConfigurationError.self) { try load(file: file, environment) }.description
    }

    /// Runs the body with the path of a pipe that holds the text, as a shell's `<(...)` gives one.
    private func withPipe(_ text: String, _ body: (String) throws -> Void) throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let bytes = Array(text.utf8)
        try #require(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        defer { close(ends[0]) }
        try body("/dev/fd/\(ends[0])")
    }

    @Test("A pipe is read like a file, and again like a file that has not changed")
    func pipes() throws {
        try withPipe("redis://host/3\n") { path in
            for _ in 1...2 {
                let configuration = try load(["SHOPCTL_REDIS_URL_FILE": path])
                #expect(configuration.redisURL == "redis://host/3")
            }
        }
        try withPipe(#"{"saga": {"sweep": 7}}"#) { path in
            for _ in 1...2 {
                let configuration = try load(file: path)
                #expect(configuration.sagaSweep == .seconds(7))
            }
            let named = try load(["SHOPCTL_CONFIG": path])
            #expect(named.sagaSweep == .seconds(7))
        }
        // Two pipes with the same number, one after the other, are two.
        try withPipe("redis://host/4\n") { path in
            let configuration = try load(["SHOPCTL_REDIS_URL_FILE": path])
            #expect(configuration.redisURL == "redis://host/4")
        }
    }

    @Test("A named pipe that nobody writes to, or that is never closed, is given up with its reason")
    func silentPipes() throws {
        let path = directory.file("silent")
        try #require(mkfifo(path, 0o600) == 0)
        func failure() -> String? {
            #expect(throws: SettingFile.Failure.self) { try SettingFile.read(path, patience: .milliseconds(50)) }?
                .reason
        }
        #expect(failure()?.contains("its writer has not ended within 0.05 seconds") == true)
        let writer = open(path, O_RDWR | O_CLOEXEC)
        try #require(writer >= 0)
        defer { close(writer) }
        try #require(write(writer, "redis://a", 9) == 9)
        #expect(failure()?.contains("its writer has not ended") == true)
    }

    @Test("A named pipe in the place of one that is gone is read by itself")
    func successors() throws {
        // A file system that gives numbers again gives that of the last file that was removed.
        for number in 1...20 {
            let path = directory.file("successor")
            try #require(mkfifo(path, 0o600) == 0)
            try #require(system("printf redis://host/\(number) > '\(path)' &") == 0)
            #expect(try SettingFile.read(path, patience: .seconds(60)) == "redis://host/\(number)")
            try #require(unlink(path) == 0)
        }
    }

    @Test("A named pipe is waited for until its writer has written all")
    func slowWriter() throws {
        let path = directory.file("slow")
        try #require(mkfifo(path, 0o600) == 0)
        // A process of its own, whose opening of the pipe waits for the reader.
        try #require(system("(printf redis://ho; printf 'st/5\\n') > '\(path)' &") == 0)
        #expect(try SettingFile.read(path, patience: .seconds(60)) == "redis://host/5\n")
    }

    @Test("Blanks around a value and a byte order mark are no part of it")
    func trimming() throws {
        for text in ["postgres://host/x \n", "\u{FEFF}postgres://host/x", "\n  postgres://host/x\t\r\n\r\n"] {
            let path = try directory.write(text, to: "url")
            let configuration = try load(["SHOPCTL_ORDERS_DATABASE_URL_FILE": path])
            #expect(try configuration.databaseURL(for: .orders, among: [.orders]) == "postgres://host/x")
        }
        let file = try directory.write("\u{FEFF}{\"currency\": \"EUR\"}\r\n", to: "shop.json")
        #expect(try load(file: file).currency == "EUR")
    }

    @Test("A blank at the end of a URL that is not of a file of its own is refused with its reason")
    func blanks() throws {
        let atEnd = "without the blank at its end"
        let file = try directory.write(#"{"database.url": "postgres://me:hunter2@host/shop_{role} "}"#, to: "shop.json")
        for error in [
            try refusal(file: file), try refusal(["DATABASE_URL": "postgres://me:hunter2@host/x\n"]),
            try refusal(["SHOPCTL_AMQP_URL": "amqp://me:hunter2@host/\u{A0}"]),
        ] {
            #expect(error.contains(atEnd) && !error.contains("hunter2"))
        }
        #expect(try refusal(["DATABASE_URL": "postgres://host/a b"]).contains("%20"))
    }

    @Test("What cannot be read says why")
    func reasons() throws {
        let cases = [
            (directory.file("none"), "No such file"), (directory.path, "Is a directory"),
            (try directory.write("", to: "empty"), "it is empty"),
            (try directory.write("redis://a\nredis://b\n", to: "two"), "more than one line"),
            (try directory.write("redis://a\u{0}b", to: "nul"), "NUL"),
        ]
        for (path, reason) in cases {
            let error = try refusal(["SHOPCTL_REDIS_URL_FILE": path])
            #expect(error.contains(reason) && error.contains(path) && error.contains("SHOPCTL_REDIS_URL_FILE"))
        }
        try Data([0xFF, 0xFE, 0x7B, 0x00]).write(to: URL(filePath: directory.file("utf16")))
        #expect(try refusal(file: directory.file("utf16")).contains("not UTF-8"))
        #expect(try refusal(file: directory.path).contains("Is a directory"))
    }

    @Test(
        "A setting that a file has twice is refused, by both names",
        arguments: [
            (
                #"{"saga.sweep": 1, "saga": {"sweep": 2}}"#, #"by "saga.sweep" in line 1"#,
                #"by "saga": {"sweep"} in line 1"#
            ),
            ("{\"saga\": {\"sweep\": 1},\n\"saga\": {\"sweep\": 2}}", "in line 1", "in line 2"),
            ("{\"currency\": \"EUR\",\n\n\"currency\": \"RUB\"}", #"by "currency" in line 1"#, "in line 3"),
            (
                #"{"gateway": {"database.url": "a"}, "gateway.database": {"url": "a"}}"#,
                #""gateway": {"database.url"}"#,
                #""gateway.database": {"url"}"#
            ),
        ])
    func twice(text: String, first: String, second: String) throws {
        let error = try refusal(file: try directory.write(text, to: "shop.json"))
        #expect(error.contains(first) && error.contains(second) && error.contains("leave one of them out"), "\(error)")
    }

    @Test(
        "A name that is no setting is told with the nearest that is",
        arguments: [
            ("saga.sweeep", "saga.sweep"), ("databse.url", "database.url"), ("rpc_deadline", "rpc.deadline"),
            ("gateway.rate_limit", "gateway.rate-limit"), ("SAGA.SWEEP", "saga.sweep"),
        ])
    func nearest(name: String, setting: String) throws {
        let error = try refusal(file: try directory.write("{\n\"\(name)\": 1}", to: "shop.json"))
        #expect(error.contains("'\(name)'") && error.contains("is it '\(setting)'?") && error.contains("line 2"))
        let far = try refusal(file: try directory.write(#"{"wholly.unlike": 1}"#, to: "shop.json"))
        #expect(!far.contains("is it"))
    }

    @Test(
        "A variable whose name is the shop's and that is no setting is refused with the nearest that is",
        arguments: [
            ("SHOPCTL_SAGA_SWEP", "SHOPCTL_SAGA_SWEEP"), ("SHOPCTL_DATABSE_URL", "SHOPCTL_DATABASE_URL"),
            ("SHOPCTL_AMQP_URL_FIL", "SHOPCTL_AMQP_URL_FILE"), ("SHOPCTL_CONFG", "SHOPCTL_CONFIG"),
            ("SHOPCTL_saga_sweep", "SHOPCTL_SAGA_SWEEP"), ("SHOPCTL_LOGLEVEL", "SHOPCTL_LOG_LEVEL"),
        ])
    func nearestVariable(name: String, variable: String) throws {
        let error = try refusal([name: "me:hunter2"])
        #expect(
            error.contains("the variable \(name) is no setting") && error.contains("is it \(variable)?"), "\(error)")
        #expect(!error.contains("hunter2"))
    }

    @Test("Variables that others of the shop's programs read, or an orchestrator sets, are let be")
    func otherVariables() throws {
        let names = [
            "SHOPCTL_TOKEN", "SHOPCTL_TOKEN_FILE", "SHOPCTL_GATEWAY_URL", "SHOPCTL_ADMIN_URL", "SHOPCTL_DEV_DIRECTORY",
            "SHOPCTL_TEST_STACK", "SHOPCTL_CHAOS_SEED", "SHOPCTL_FUZZ_CASES", "SHOPCTL_CRASH_POINT_FILE",
            "SHOPCTL_SERVICE_HOST", "SHOPCTL_ORDERS_SERVICE_PORT_GRPC", "SHOPCTL_ORDERS_PORT_9002_TCP_ADDR",
            "SHOPCTL_PORT", "shopctl_saga_swep", "SHOP_SAGA_SWEP",
        ]
        _ = try load(Dictionary(uniqueKeysWithValues: names.map { ($0, "x") }))
        // One that is set to nothing is not set.
        _ = try load(["SHOPCTL_SAGA_SWEP": ""])
        #expect(try !refusal(["SHOPCTL_WHOLLY_UNLIKE": "1"]).contains("is it"))
    }

    @Test("What is no JSON is told with its line")
    func syntax() throws {
        for (text, line) in [
            ("{\n\"currency\" \"RUB\"}", 2), ("{\n\n\"currency\": RUB}", 3), ("{\"currency\": \"RUB\"", 1), ("[]", 1),
            ("{} x", 1), ("{\"currency\": \"R\\q\"}", 1), (String(repeating: #"{"a":"#, count: 100_000), 1),
            ("{\"currency\": 01x}", 1), ("{\"a\":", 1), ("{\"a", 1), ("{\"a\\", 1),
        ] {
            let error = try refusal(file: try directory.write(text, to: "shop.json"))
            #expect(error.contains("line \(line):"), "\(text.prefix(30)): \(error)")
        }
        let file = try directory.write(
            #"{ "auth" : { "issuer" : "caf\u00e9 \ud83d\ude00 \"x\"" }, "shutdown.drain" : 1.5e0 ,"currency":"EUR"}"#,
            to: "shop.json")
        let good = try load(file: file)
        #expect(good.issuer == "café 😀 \"x\"" && good.shutdownDrain == .milliseconds(1500) && good.currency == "EUR")
    }
}
