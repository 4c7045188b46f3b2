import Redis
import Testing

@Suite("Redis URLs")
struct ConfigurationTests {
    @Test("Everything that may be left out has its default")
    func defaults() throws {
        let configuration = try RedisConfiguration(url: "redis://cache")
        #expect(configuration.host == "cache")
        #expect(configuration.port == 6379)
        #expect(configuration.database == 0)
        #expect(configuration.user == nil)
        #expect(configuration.keyPrefix.isEmpty)
        #expect(configuration.commandTimeout == .milliseconds(250))
        #expect(configuration.connectTimeout == .seconds(1))
        #expect(configuration.redacted == "cache:6379/0")
        #expect(try RedisConfiguration(url: "redis://cache/").database == 0)
    }

    @Test(
        "Parts are read where they are",
        arguments: [
            ("redis://user:secret@cache:7000/5", "user@cache:7000/5"),
            ("REDIS://:secret@10.0.0.1:7000", "10.0.0.1:7000/0"),
            ("redis://:se%40cr%2Fet@[::1]:7000/2", "[::1]:7000/2"),
            ("redis://:with@sign:and:colons@[fe80::1]", "[fe80::1]:6379/0"),
            ("redis://a%20b:secret@cache", "a b@cache:6379/0"),
        ])
    func parts(url: String, redacted: String) throws {
        #expect(try RedisConfiguration(url: url).redacted == redacted)
    }

    @Test(
        "An unusable URL is an error that names the fault and not the URL",
        arguments: [
            ("", "redis://"), ("secret", "redis://"), ("http://secret@cache", "scheme"),
            ("redis://:secret@", "host"), ("redis://:secret@:6379", "host"),
            ("redis://:secret@cache:port", "port"), ("redis://:secret@cache:0", "port"),
            ("redis://:secret@cache:65536", "port"), ("redis://:secret@cache:", "port"),
            ("redis://:secret@cache/zero", "database"), ("redis://:secret@cache/-1", "database"),
            ("redis://:secret@cache/0/1", "path"), ("redis://:secret@cache?db=1", "parameters"),
            ("redis://:sec#ret@cache", "percent-encoded"), ("redis://:secret%@cache", "hexadecimal"),
            ("redis://:secret%zz@cache", "hexadecimal"), ("redis://:secret%ff@cache", "UTF-8"),
            ("redis://secret@cache", "no password"), ("redis://secret:@cache", "no password"),
            ("redis://:secret@[::1", "]"), ("redis://:secret@[::1]6379", "port"),
            ("rediss://:secret@cache", "TLS"), ("redis://:secret@h1,,h2", "host"), ("redis://:secret@h1,", "host"),
            ("redis://:secret@h1,h2:x", "port"), ("redis://h1,secret,h2:y", "port"),
        ])
    func unusable(url: String, fault: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.kind == .configuration)
        #expect(error.message.contains(fault), "\(error.message)")
        #expect(!error.description.contains("secret"))
    }

    @Test("Several hosts, each with a port of its own or the usual one")
    func severalHosts() throws {
        let configuration = try RedisConfiguration(url: "redis://user:a,b@h1:7000,h2,[::1]:9/2")
        #expect(configuration.redacted == "user@h1:7000,h2:6379,[::1]:9/2")
        #expect(configuration.host == "h1")
        #expect(configuration.port == 7000)
    }

    @Test("TLS is refused with the way out")
    func tls() throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: "rediss://cache") }
        #expect(error.message.contains("hiredis 0.14"))
        #expect(error.message.contains("tunnel"))
    }

    @Test("No way of printing a configuration shows its password")
    func printing() throws {
        let configuration = try RedisConfiguration(url: "redis://user:secret@cache")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, configuration.redacted] {
            #expect(!text.contains("secret"))
            #expect(text.contains("cache"))
        }
    }
}
