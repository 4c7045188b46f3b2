import FoundationEssentials
import Testing

@testable import Hosting

@Suite("Shops by their names")
struct ShopContextTests {
    private func withStore(_ body: (ContextStore) throws -> Void) rethrows {
        let home = "/tmp/shopctl-contexts-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: home) }
        try body(ContextStore(environment: ["XDG_CONFIG_HOME": home]))
    }

    @Test("What is written is read again, and listed in order")
    func written() throws {
        try withStore { store in
            #expect(store.names == [] && store.current == nil)
            let shop = ShopContext(name: "b", values: ["amqp.url": "amqp://u:p@h/x", "token-file": "/t"])
            try store.write(shop)
            try store.write(ShopContext(name: "a"))
            #expect(try store.read("b") == shop && store.names == ["a", "b"])
            try store.use("a")
            #expect(store.current == "a")
            try store.delete("a")
            #expect(store.current == nil && store.names == ["b"])
            #expect(throws: ContextStore.Fault.self) { try store.read("a") }
            #expect(shop.secrets == ["amqp.url"])
            #expect(shop.shown.map(\.value) == ["amqp://u:***@h/x", "/t"])
        }
    }

    @Test(
        "A password has no place in a URL that is shown and has no file for it",
        arguments: ["gateway.url", "admin.url"])
    func passwords(key: String) throws {
        try ShopContext.check(key, "http://10.0.0.1:80/x")
        for url in ["http://u:sEcReT@h/x", "http://h/x?password=sEcReT"] {
            let error = #expect(throws: ConfigurationError.self) { try ShopContext.check(key, url) }
            #expect(error.map { "\($0)".contains(key) && !"\($0)".contains("sEcReT") } == true, "\(url)")
            // A file of before may have one.
            let shown = ShopContext(name: "x", values: [key: url]).shown
            #expect(shown.map(\.key) == [key] && !shown.contains { $0.value.contains("sEcReT") }, "\(url)")
        }
    }

    @Test("No name leads out of the folder", arguments: ["", ".", "..", "../x", "a/b", "-x", ".x", "a b", "ä"])
    func names(name: String) {
        withStore { store in
            #expect(throws: ContextStore.Fault.self) { try store.write(ShopContext(name: name)) }
            #expect(throws: ContextStore.Fault.self) { try store.read(name) }
            #expect(throws: ContextStore.Fault.self) { try store.use(name) }
        }
    }

    @Test("An environment gives its settings, by file where it names one, and goes before them afterwards")
    func environment() throws {
        let environment = [
            "DATABASE_URL": "postgres://h/{role}", "SHOPCTL_AMQP_URL_FILE": "/run/amqp",
            "SHOPCTL_ADMIN_URL": "http://h:9000", "SHOPCTL_TOKEN": "secret", "PATH": "/bin",
        ]
        let shop = try ShopContext(name: "x", environment: environment)
        #expect(
            shop.values == [
                "database.url": "postgres://h/{role}", "amqp.url-file": "/run/amqp", "admin.url": "http://h:9000",
            ])
        #expect(shop.variables(besides: environment) == [:])
        #expect(shop.variables(besides: [:]) == ["SHOPCTL_ADMIN_URL": "http://h:9000"])
        let configuration = try ShopConfiguration(
            environment: ["DATABASE_URL": "postgres://other/{role}"],
            context: ShopContext(name: "x", values: ["database.url": "postgres://h/{role}", "log.level": "error"]))
        #expect(configuration[.databaseURL] == "postgres://other/{role}" && configuration.logLevel == "error")
        #expect(configuration.source(of: .logLevel) == .context)
    }

    @Test("Of a shop that is named for a command no variable leads elsewhere; what is of no shop stays")
    func leading() {
        let other = [
            "DATABASE_URL": "postgres://other/{role}", "SHOPCTL_ORDERS_DATABASE_URL_FILE": "/other",
            "SHOPCTL_ORDERS_ADDRESS": "other:1", "SHOPCTL_AUTH_KEYS_FILE": "/other",
            "SHOPCTL_GATEWAY_URL": "http://other",
            "SHOPCTL_ADMIN_URL": "http://other", "SHOPCTL_SAGA_SWEEP": "9",
        ]
        let kept = ["SHOPCTL_LOG_LEVEL": "error", "SHOPCTL_TOKEN": "t", "PATH": "/bin"]
        let places = ["SHOPCTL_CONFIG": "/other", "SHOPCTL_ADMIN_LISTEN": "other:1"]
        let environment = other.merging(kept) { $1 }.merging(places) { $1 }
        let shop = ShopContext(name: "x", values: ["gateway.url": "http://h", "saga.sweep": "2"])
        #expect(shop.leading(environment, isServer: false) == kept)
        // A server's listeners and its file are its own.
        #expect(shop.leading(environment, isServer: true) == kept.merging(places) { $1 })
        let withToken = ShopContext(name: "x", values: ["token-file": "/token"])
        #expect(withToken.leading(environment, isServer: false)["SHOPCTL_TOKEN"] == nil)
    }

    @Test("What is neither a setting nor a place is refused, and a file that is not there")
    func wrong() throws {
        for (key, value) in [("amqp.ur", "x"), ("admin.url", "h:1"), ("saga.sweep", "often"), ("log.level-fil", "x")] {
            #expect(throws: ConfigurationError.self, "\(key)") { try ShopContext.check(key, value) }
        }
        #expect(throws: ConfigurationError.self) {
            try ShopConfiguration(environment: [:], context: ShopContext(name: "x", values: ["amqp.url-file": "/no"]))
        }
    }
}
