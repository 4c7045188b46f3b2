import Testing

@testable import Hosting

@Suite("Numbers and durations have bounds, and errors name them")
struct SettingBoundTests {
    private static let numbers = Setting.all.filter { setting in
        switch setting.kind {
        case .duration, .number: true
        default: false
        }
    }

    private func refusal(_ setting: Setting, _ value: String) -> String? {
        let error = #expect(throws: ConfigurationError.self, "\(setting.key)=\(value)") {
            try ShopConfiguration(environment: [setting.variable: value])
        }
        return error?.description
    }

    /// No process spins, and none gives up before it has begun.
    @Test("No wait may be nothing, but for the one that may be left out")
    func nothing() {
        let zero = Self.numbers.filter { setting in
            guard case .duration = setting.kind else { return false }
            return (try? ShopConfiguration(environment: [setting.variable: "0"])) != nil
        }
        #expect(zero.map(\.key) == ["shutdown.drain"])
        for value in ["0", "0.0", "-1", "0.001", "-0"] {
            #expect(refusal(.sagaSweep, value)?.contains("a number of seconds from 0.05 to 86400") == true)
        }
        for setting in [Setting.sagaDeadline, .shutdownGrace] {
            #expect(refusal(setting, "0")?.contains("from 1 to 86400") == true)
        }
        #expect(refusal(.rpcDeadline, "0")?.contains("from 0.1 to 86400") == true)
        #expect(refusal(.databasePoolSize, "0")?.contains("from 1 to 10000") == true)
    }

    @Test("What is out of bounds or no number is refused", arguments: numbers)
    func bounds(setting: Setting) throws {
        let (least, most) =
            switch setting.kind {
            case .duration(let bounds): (bounds.lowerBound, bounds.upperBound)
            case .number(let bounds): (Double(bounds.lowerBound), Double(bounds.upperBound))
            default: (0, 0)
            }
        let isWhole = if case .number = setting.kind { true } else { false }
        func text(_ number: Double) -> String { isWhole ? String(Int(number)) : String(number) }
        for value in [text(least), text(most)] {
            #expect(try ShopConfiguration(environment: [setting.variable: value])[setting] == value)
        }
        for value in [
            text(least - 1), text(most + 1), "1e30", "-1e30", "nan", "inf", "-inf", "9223372036854775808", "1e400",
            "0x10p400", "0x10", "0X7", "+0x7", "0x1p3", "", " ", "1 ", "x", "1,5",
        ] where !value.isEmpty {
            _ = refusal(setting, value)
        }
    }

    @Test("The schema's name needs no quotes")
    func schema() throws {
        #expect(try ShopConfiguration(environment: [:]).databaseSchema == "public")
        #expect(try ShopConfiguration(environment: ["SHOPCTL_DATABASE_SCHEMA": "shop_1"]).databaseSchema == "shop_1")
        for name in ["Shop", "a b", "a,b", "1a", "pg_temp", "a-b", "\"a\"", String(repeating: "a", count: 64)] {
            _ = refusal(.databaseSchema, name)
        }
    }
}
