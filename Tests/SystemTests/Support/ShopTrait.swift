import Testing

/// Starts one shop for all tests of a suite, which find it as ``Shop/current``; stops it when the last has ended.
struct ShopTrait: SuiteTrait, TestScoping {
    let layout: Layout
    let settings: [String: String]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withShop(layout, settings: settings) { shop in
            try await Shop.$running.withValue(shop) { try await function() }
        }
    }
}

extension Trait where Self == ShopTrait {
    /// One shop for all tests of the suite.
    static func shop(_ layout: Layout, settings: [String: String] = [:]) -> ShopTrait {
        ShopTrait(layout: layout, settings: settings)
    }
}

extension Shop {
    @TaskLocal fileprivate static var running: Shop?

    /// The shop of the suite.
    static var current: Shop {
        get throws { try #require(running, "the suite has no trait .shop") }
    }
}
