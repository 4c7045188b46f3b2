import FoundationEssentials
import Testing

@testable import Hosting

@Suite("Settings are read by precedence, and errors name the ways out")
struct ShopConfigurationTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    func load(
        flags: [String: String] = [:], file: String? = nil, _ environment: [String: String] = [:]
    ) throws -> ShopConfiguration {
        try ShopConfiguration(flags: flags, file: file, environment: environment)
    }

    func error(
        flags: [String: String] = [:], file: String? = nil, _ environment: [String: String] = [:]
    ) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) {
            try load(flags: flags, file: file, environment)
        }
    }

    @Test("Each source gives way to the stronger ones")
    func precedence() throws {
        let file = try directory.write(#"{"amqp": {"url": "amqp://file"}, "log": {"level": "debug"}}"#, to: "shop.json")
        let secret = try directory.write("amqp://secret-file\n", to: "amqp")
        let setting = try #require(Setting.named("amqp.url"))
        var environment = ["SHOPCTL_CONFIG": file]
        func expect(_ value: String, _ source: SettingSource, flags: [String: String] = [:]) throws {
            let configuration = try load(flags: flags, environment)
            #expect(configuration[setting] == value)
            #expect(configuration.source(of: setting) == source)
        }
        try expect("amqp://file", .configurationFile)
        environment["AMQP_URL"] = "amqp://standard"
        try expect("amqp://standard", .standardEnvironment)
        environment["SHOPCTL_AMQP_URL_FILE"] = secret
        try expect("amqp://secret-file", .environmentFile)
        environment["SHOPCTL_AMQP_URL_FILE"] = nil
        environment["SHOPCTL_AMQP_URL"] = "amqp://variable"
        try expect("amqp://variable", .environment)
        try expect("amqp://flag", .flag, flags: ["amqp.url": "amqp://flag"])
        #expect(try load(environment).logLevel == "debug")
        #expect(try load().logLevel == "info")
    }

    @Test("A variable set to nothing is not set")
    func emptyVariable() throws {
        let configuration = try load(["SHOPCTL_LOG_LEVEL": "", "SHOPCTL_CONFIG": "", "DATABASE_URL": ""])
        #expect(configuration.logLevel == "info")
        #expect(configuration.source(of: try #require(Setting.named("log.level"))) == .builtIn)
    }

    @Test("Every setting is read from its own variable")
    func everyVariable() throws {
        for setting in Setting.all {
            let value =
                switch setting.kind {
                case .text, .path: "something"
                case .url(let schemes): "\(schemes[0])://host/{role}"
                case .listenAddress: "127.0.0.1:1"
                case .addresses: "a:1,b:2"
                case .duration: "7"
                case .number: "7"
                case .schema: "shop"
                case .addressRanges: "10.0.0.0/8, ::1"
                case .origins: "https://shop.example"
                case .currency: "EUR"
                case .choice(let words): words[1]
                }
            let configuration = try load([setting.variable: value])
            #expect(configuration[setting] == value)
            #expect(configuration.source(of: setting) == .environment)
            #expect(setting.flag.hasPrefix("--") && !setting.flag.contains(".") && !setting.help.hasSuffix("."))
        }
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
    }

    @Test("The defaults are good values")
    func defaults() throws {
        let configuration = try load()
        #expect(configuration.listenAddress(of: .gateway) == .on(HostPort(host: "127.0.0.1", port: 8080)))
        #expect(configuration.addresses(of: .reviews) == [HostPort(host: "127.0.0.1", port: 9004)])
        #expect(configuration.adminListenAddress == .on(HostPort(host: "127.0.0.1", port: 9000)))
        #expect(configuration.currency == "RUB")
        #expect(configuration.issuer == "shopctl" && configuration.audience == "shop")
        #expect(configuration.rpcDeadline == .seconds(2))
        #expect(try configuration.tls() == nil)
        for setting in Setting.all {
            #expect(ShopConfiguration.standard[setting] == configuration[setting], "\(setting.key)")
            #expect(ShopConfiguration.standard.source(of: setting) == configuration.source(of: setting))
        }
    }

    @Test("Ranges of addresses, and origins as browsers write them")
    func gateway() throws {
        let configuration = try load([
            "SHOPCTL_GATEWAY_TRUSTED_PROXIES": "10.0.0.0/9, 192.0.2.7 ,fd00::/8",
            "SHOPCTL_GATEWAY_CORS_ORIGINS": "https://Shop.example:443, http://localhost:3000,http://[::1]:80",
        ])
        let ranges = configuration.gatewayTrustedProxies
        func isTrusted(_ text: String) throws -> Bool {
            let address = try #require(NetworkAddress(text))
            return ranges.contains { $0.contains(address) }
        }
        for inside in ["10.0.0.1", "10.127.255.255", "192.0.2.7", "fd12::1", "::ffff:10.1.2.3"] {
            #expect(try isTrusted(inside), "\(inside)")
        }
        for outside in ["10.128.0.0", "11.0.0.1", "192.0.2.8", "fe80::1", "::1"] {
            #expect(try !isTrusted(outside), "\(outside)")
        }
        #expect(
            configuration.gatewayCORSOrigins == ["https://shop.example", "http://localhost:3000", "http://[::1]"])
        #expect(try load().gatewayTrustedProxies.isEmpty && load().gatewayCORSOrigins.isEmpty)
        #expect(try load().gatewayRateLimit == 600 && load().gatewayAuthRateLimit == 30)
        #expect(try load(["SHOPCTL_GATEWAY_CORS_ORIGINS": "*"]).gatewayCORSOrigins == ["*"])
    }

    @Test("Databases: a role's own, a shared pattern, or one for one role")
    func databases() throws {
        let pattern = try load(["DATABASE_URL": "postgres://host/shop_{role}"])
        #expect(try pattern.databaseURL(for: .orders, among: Set(Role.allCases)) == "postgres://host/shop_orders")
        let own = try load([
            "SHOPCTL_ORDERS_DATABASE_URL": "postgres://host/own", "DATABASE_URL": "postgres://host/one",
        ])
        #expect(try own.databaseURL(for: .orders, among: [.orders, .reviews]) == "postgres://host/own")
        #expect(try own.databaseURL(for: .reviews, among: [.orders, .reviews]) == "postgres://host/one")
        let shared = try load(["SHOPCTL_DATABASE_URL": "postgres://me:secret@host/one"])
        #expect(try shared.databaseURL(for: .orders, among: [.orders]).hasSuffix("/one"))
        let error = #expect(throws: ConfigurationError.self) {
            try shared.databaseURL(for: .orders, among: [.orders, .reviews])
        }
        #expect(error?.description.contains("{role}") == true)
        #expect(error?.description.contains("orders, reviews") == true)
        #expect(error?.description.contains("secret") == false)
    }

    @Test("Errors name every way to set a setting, and no flag for a password")
    func waysOut() throws {
        let ways = """
            SHOPCTL_AMQP_URL (or SHOPCTL_AMQP_URL_FILE), AMQP_URL, --amqp-url (without a password) or 'amqp.url' in \
            the configuration file
            """
        let missing = #expect(throws: ConfigurationError.self) { try load().amqpURL() }
        #expect(missing?.description.hasSuffix(": set \(ways)") == true)
        #expect(try error(["AMQP_URL": "hunter2"]).description.hasSuffix("; it is set by \(ways)"))
        let plain = try error(["SHOPCTL_CURRENCY": "rub"]).description
        #expect(
            plain.hasSuffix(
                "SHOPCTL_CURRENCY (or SHOPCTL_CURRENCY_FILE), --currency or 'currency' in the configuration file"))
        let database = #expect(throws: ConfigurationError.self) {
            try load().databaseURL(for: .orders, among: [.orders])
        }
        #expect(database?.description.contains("; or SHOPCTL_DATABASE_URL (or ") == true)
        #expect(database?.description.contains("DATABASE_URL_FILE), DATABASE_URL, --database-url") == true)
        // Each of them is one: what a file or a standard variable holds is read.
        for setting in Setting.all {
            #expect(setting.waysToSet.contains(setting.fileVariable) && setting.waysToSet.contains(setting.flag))
            #expect(setting.standardVariable.map { setting.waysToSet.contains(", \($0),") } ?? true)
            #expect(setting.waysToSet.contains("(without a password)") == setting.isSecret)
        }
    }

    @Test("What is missing is named with its key, variable and flag")
    func missing() throws {
        let configuration = try load()
        let database = #expect(throws: ConfigurationError.self) {
            try configuration.databaseURL(for: .products, among: [.products])
        }
        for part in ["products.database.url", "SHOPCTL_PRODUCTS_DATABASE_URL", "--products-database-url"] {
            #expect(database?.description.contains(part) == true)
        }
        #expect(database?.key == "products.database.url")
        let broker = #expect(throws: ConfigurationError.self) { try configuration.amqpURL() }
        #expect(broker?.description.contains("SHOPCTL_AMQP_URL") == true)
        #expect(configuration.redisURL == nil)
        #expect(throws: ConfigurationError.self) { try configuration.signingKeysFile() }
        #expect(throws: ConfigurationError.self) { try configuration.makeTokenVerifier() }
    }

    @Test(
        "A value of the wrong form is an error that does not show it",
        arguments: [
            ("database.url", "mysql://me:hunter2@host/x"), ("amqp.url", "hunter2"), ("redis.url", "http://hunter2"),
            ("products.listen", "hunter2"), ("products.listen", "localhos:9001"), ("admin.listen", "1.2.3.4:99999"),
            ("products.address", "hunter2"), ("products.address", "a:1,,b:2"), ("products.address", "a:0"),
            ("shutdown.drain", "hunter2"), ("shutdown.drain", "-1"), ("rpc.deadline", "nan"),
            ("database.pool-size", "0"), ("currency", "rub"), ("currency", "RUBLE"), ("log.level", "hunter2"),
            ("gateway.rate-limit", "-1"), ("gateway.trusted-proxies", "hunter2"),
            ("gateway.trusted-proxies", "10.0.0.0/33"), ("gateway.trusted-proxies", "10.0.0.1,"),
            ("gateway.cors-origins", "https://hunter2/"), ("gateway.cors-origins", "hunter2"),
            ("gateway.cors-origins", "https://*.hunter2"), ("gateway.cors-origins", "https://a,*"),
            ("gateway.cors-origins", "https://hunter2:port"),
        ])
    func wrongForm(key: String, value: String) throws {
        let setting = try #require(Setting.named(key))
        let error = try error([setting.variable: value])
        #expect(error.key == key)
        #expect(error.description.contains(setting.variable) && error.description.contains(setting.flag))
        #expect(!error.description.contains("hunter2"))
    }

    @Test("A value of the command line came by its flag or by --set")
    func commandLine() throws {
        let error = try error(flags: ["rpc.deadline": "abc"])
        #expect(error.description.contains("(flag --rpc-deadline or --set)"), "\(error)")
    }

    @Test("Secrets come from files too, but not from two places at once")
    func secretFiles() throws {
        let path = try directory.write("redis://:hunter2@host/0\n", to: "redis")
        let configuration = try load(["SHOPCTL_REDIS_URL_FILE": path])
        #expect(configuration.redisURL == "redis://:hunter2@host/0")
        let twice = try error(["SHOPCTL_REDIS_URL_FILE": path, "SHOPCTL_REDIS_URL": "redis://host"])
        #expect(twice.description.contains("SHOPCTL_REDIS_URL_FILE"))
        #expect(try error(["SHOPCTL_REDIS_URL_FILE": directory.file("none")]).key == "redis.url")
        let bad = try directory.write("hunter2", to: "bad")
        let wrong = try error(["SHOPCTL_REDIS_URL_FILE": bad])
        #expect(wrong.description.contains("SHOPCTL_REDIS_URL_FILE") && !wrong.description.contains("hunter2"))
    }

    @Test("A password on the command line is refused")
    func passwordInFlag() throws {
        for url in ["postgres://me:hunter2@host/x", "postgres://host/x?password=hunter2", "postgres://me:hun@ter2@h/x"]
        {
            let error = try error(flags: ["orders.database.url": url])
            #expect(error.description.contains("SHOPCTL_ORDERS_DATABASE_URL_FILE"))
            #expect(!error.description.contains("hun"))
        }
        let setting = try #require(Setting.named("orders.database.url"))
        #expect(try load(flags: [setting.key: "postgres://me@host/x"]).source(of: setting) == .flag)
    }

    @Test("A configuration file may not have names that are no settings, and its values are plain")
    func configurationFile() throws {
        func read(_ text: String) throws -> ShopConfiguration {
            try load(file: directory.write(text, to: "shop.json"))
        }
        let good = try read(
            #"{"shutdown": {"drain": 1.5, "grace": 9}, "products.listen": "off", "log.level": "error"}"#)
        #expect(good.shutdownDrain == .milliseconds(1500) && good.shutdownGrace == .seconds(9))
        #expect(good.listenAddress(of: .products) == .off)
        #expect(good.logLevel == "error")
        let misspelt = #expect(throws: ConfigurationError.self) { try read(#"{"databse": {"url": "hunter2"}}"#) }
        #expect(misspelt?.description.contains("databse.url") == true)
        #expect(misspelt?.description.contains("hunter2") == false)
        for text in ["", "[]", "{", #"{"currency": ["RUB"]}"#, #"{"currency": null}"#] {
            #expect(throws: ConfigurationError.self) { try read(text) }
        }
        #expect(throws: ConfigurationError.self) { try load(file: directory.file("none.json")) }
    }

    @Test("What is shown of a secret is without its password")
    func shownValues() throws {
        let configuration = try load([
            "DATABASE_URL": "postgres://me:hunter2@host:1/x?sslpassword=hunter2", "SHOPCTL_LOG_LEVEL": "debug",
        ])
        let url = try #require(Setting.named("database.url"))
        #expect(configuration.shownValue(of: url) == "postgres://me:***@host:1/x?...")
        #expect(configuration.shownValue(of: try #require(Setting.named("log.level"))) == "debug")
        #expect(configuration.shownValue(of: try #require(Setting.named("amqp.url"))) == nil)
        #expect(SecretText.redacted(url: "amqp://a:p@ss:w/rd@host/v") == "amqp://a:***@host/v")
        #expect(SecretText.redacted(url: "me:hunter2@host") == "me:***@host")
        #expect(SecretText.redacted(url: "redis://host/0") == "redis://host/0")
    }

    @Test("Certificates come in pairs")
    func certificates() throws {
        #expect(throws: ConfigurationError.self) { try load(["SHOPCTL_TLS_KEY": "k"]).tls() }
        #expect(throws: ConfigurationError.self) { try load(["SHOPCTL_TLS_CERTIFICATE": "c"]).tls() }
        let files = try load(["SHOPCTL_TLS_CERTIFICATE": "c", "SHOPCTL_TLS_KEY": "k", "SHOPCTL_TLS_CA": "a"]).tls()
        #expect(files == TLSFiles(certificate: "c", key: "k", ca: "a"))
        let error = #expect(throws: ConfigurationError.self) { try files?.check() }
        #expect(error?.key == "tls.certificate")
    }

    @Test("Keys for tokens come from the configured files")
    func tokenKeys() async throws {
        let keys = SigningKeys.generate()
        try keys.write(to: directory.file("keys.json"))
        try keys.writePublicJWKS(to: directory.file("jwks.json"))
        let both = try load([
            "SHOPCTL_AUTH_KEYS_FILE": directory.file("keys.json"),
            "SHOPCTL_AUTH_JWKS_FILE": directory.file("jwks.json"),
        ])
        let token = try await both.makeTokenIssuer().issue(subject: 5, role: .customer, ttl: .seconds(60)).token
        #expect(try await both.makeTokenVerifier().verify(token).subject == 5)
        let privateOnly = try load(["SHOPCTL_AUTH_KEYS_FILE": directory.file("keys.json")])
        #expect(try await privateOnly.makeTokenVerifier().verify(token).subject == 5)
        let wrong = #expect(throws: ConfigurationError.self) {
            try load(["SHOPCTL_AUTH_KEYS_FILE": directory.file("jwks.json")]).makeTokenIssuer()
        }
        #expect(wrong?.key == "auth.keys-file")
    }

    @Test(
        "Hosts and ports are read",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:80", "::1", 80), (":80", "0.0.0.0", 80), ("*:0", "0.0.0.0", 0),
            ("a.b-c.svc:65535", "a.b-c.svc", 65_535),
        ])
    func hostPort(text: String, host: String, port: Int) {
        #expect(HostPort(text) == HostPort(host: host, port: port))
    }

    @Test(
        "What is no host and port is refused", arguments: ["", "a", "a:", "::1:80", "a:b", "a:70000", "[a]:1", "a b:1"])
    func noHostPort(text: String) {
        #expect(HostPort(text) == nil)
    }
}
