/// One thing that can be set: its one description, from which errors, help and manual pages are made.
public struct Setting: Sendable, Hashable {
    /// The name in a configuration file, its parts separated by dots, such as `products.database.url`.
    public let key: String
    /// A short word for the value in help texts, such as `url`.
    public let placeholder: String
    /// Its effect, in one sentence without a full stop.
    public let help: String
    /// The value that holds if it is not set; `nil` if there is no default.
    public let defaultValue: String?
    /// Whether a value may hold a password, so that it is never shown.
    public let isSecret: Bool
    /// A variable that other programs use for the same thing, such as `DATABASE_URL`.
    public let standardVariable: String?

    let kind: Kind

    /// The form that a value must have.
    enum Kind: Sendable, Hashable {
        case text
        case url(schemes: [String])
        case path
        case listenAddress
        case addresses
        /// A number of seconds, whole or not, within bounds.
        case duration(ClosedRange<Double>)
        /// A whole number within bounds; 0 stands for no limit where it is allowed.
        case number(ClosedRange<Int>)
        /// The name of a schema of PostgreSQL.
        case schema
        case addressRanges
        case origins
        case currency
        case choice([String])

        /// A wait of a day at most.
        static func seconds(atLeast least: Double) -> Kind { .duration(least...86_400) }
        /// A time for which a client is waited for.
        static let clientWait = Kind.duration(1...3600)
        /// A number of connections, or bytes, that there may be.
        static let many = Kind.number(1...1_000_000)
        /// A number of things.
        static let count = Kind.number(1...10_000)
        /// A number where 0 stands for no limit.
        static let limit = Kind.number(0...1_000_000)
        /// A whole number of days.
        static func days(atLeast least: Int) -> Kind { .number(least...36_500) }
    }

    init(
        _ key: String, _ kind: Kind, placeholder: String, default defaultValue: String? = nil, isSecret: Bool = false,
        standardVariable: String? = nil, help: String
    ) {
        self.key = key
        self.kind = kind
        self.placeholder = placeholder
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.standardVariable = standardVariable
        self.help = help
    }

    /// The environment variable, such as `SHOPCTL_PRODUCTS_DATABASE_URL`.
    public var variable: String {
        "SHOPCTL_" + key.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    }

    /// The environment variable that names a file with the value.
    public var fileVariable: String { variable + "_FILE" }

    /// The flag, such as `--products-database-url`.
    public var flag: String { "--" + flagName }

    /// The flag without its dashes.
    public var flagName: String { key.map { $0 == "." ? "-" : String($0) }.joined() }

    /// Everywhere a value may stand, for errors, as in `SHOPCTL_AMQP_URL (or SHOPCTL_AMQP_URL_FILE), AMQP_URL,
    /// --amqp-url (without a password) or 'amqp.url' in the configuration file`.
    var waysToSet: String {
        // A flag with a password is refused: whoever is sent to it must not find that out by trying.
        let named = isSecret ? "\(flag) (without a password)" : flag
        let ways = ["\(variable) (or \(fileVariable))", standardVariable, named].compactMap(\.self)
        return ways.joined(separator: ", ") + " or '\(key)' in the configuration file"
    }

    /// Whether it says where a part of a shop is: a URL, an address, or a file.
    ///
    /// - Parameter isServer: Whether for a server, whose listeners are its own.
    func isPlace(ofServer isServer: Bool) -> Bool {
        switch kind {
        case .url, .addresses, .path: true
        case .listenAddress: !isServer
        default: false
        }
    }

    /// The setting with that key.
    public static func named(_ key: String) -> Setting? { byKey[key] }

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
}
