import ArgumentParser
import Hosting
import Testing

@testable import ShopctlCommands

@Suite("The flags of settings are made from their list")
struct SettingFlagsTests {
    @Test("Every setting is heard by its flag, and by no other")
    func values() throws {
        for setting in Setting.all {
            #expect(try SettingFlags.parse([setting.flag, "x"]).values == [setting.key: "x"])
            #expect(try SettingFlags.parse(["\(setting.flag)=x"]).values == [setting.key: "x"])
        }
        let all = try SettingFlags.parse(Setting.all.flatMap { [$0.flag, $0.key] })
        #expect(all.values == Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.key, $0.key) }))
        #expect(try SettingFlags.parse([]).values.isEmpty)
        #expect(throws: (any Error).self) { try SettingFlags.parse(["--no-setting", "x"]) }
    }

    @Test("Help tells each, in the list's order, with its default")
    func help() throws {
        let lines = SettingFlags.helpMessage(columns: 1000).split(separator: "\n").filter { $0.contains("  --") }
        let told = lines.map { $0.drop { $0 == " " }.prefix { $0 != " " } }.filter { $0 != "--help" }
        #expect(told.map(String.init) == Setting.all.map(\.flag))
        let text = SettingFlags.helpMessage(columns: 1000)
        for setting in Setting.all {
            let fallback = setting.defaultValue.map { " (default: \($0))" } ?? ""
            #expect(text.contains("\(setting.help)\(fallback)."), "\(setting.key)")
        }
    }
}
