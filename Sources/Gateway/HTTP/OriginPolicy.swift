/// Which origins' pages may use the gateway from a browser.
struct OriginPolicy: Sendable, Equatable {
    /// Nobody's but the gateway's own.
    static let none = OriginPolicy([])

    /// Whether every page may.
    let allowsEveryone: Bool
    private let origins: Set<String>

    /// - Parameter origins: As browsers write them, `https://shop.example` say; `*` for all.
    init(_ origins: [String]) {
        self.allowsEveryone = origins.contains("*")
        self.origins = Set(origins.map { $0.lowercased() })
    }

    /// Whether no other origin is allowed.
    var isEmpty: Bool { origins.isEmpty }

    /// Whether pages of that origin, as the `Origin` header names it, may.
    func allows(_ origin: String) -> Bool {
        allowsEveryone || origins.contains(origin.lowercased())
    }
}
