import ArgumentParser
import Events
import FoundationEssentials
import Hosting
import Logging
import Postgres
import RabbitMQ
import Synchronization
import Telemetry

/// Names that shells offer on the tab key, asked for at that moment. Where the shop is away there are none, and no words;
/// but for the queues, which have their names before they are there.
enum LiveNames: String, CaseIterable, Sendable {
    /// Ids of users who have an account.
    case accounts
    case categories
    case contexts
    /// Ids of the keys of the key file that the line names, or the settings.
    case keys
    /// Sagas that are not over.
    case openSagas
    case orders
    case products
    /// Queues of the shop that are there, those of an earlier version too.
    case queues
    case reviews
    case sagas

    /// The time after which a shell is kept waiting no longer.
    private static let patience = SpanArgument(seconds: 2)
    /// The most that one source offers.
    private static let limit: Int64 = 40
    private static let mark = "shopctl-live-names-"

    /// The completion of an argument by these names.
    ///
    /// The parser asks at a place that cannot wait for a server: it is given a word that stands for the names, which
    /// ``answer(_:_:_:)`` then asks for.
    var completion: CompletionKind {
        let word = Self.mark + rawValue
        return .custom { _, _, _ in [word] }
    }

    /// The names that a completion's answer is to be, one name a line; nil for an answer that stands for itself.
    ///
    /// - Parameters:
    ///   - text: The parser's answer.
    ///   - arguments: As a shell's script gives them: the command, `--`, the argument's name, two places, and the line.
    static func answer(_ text: String, _ arguments: [String], _ context: CommandContext) async -> String? {
        guard arguments.first == "---completion", let end = arguments.firstIndex(of: "--") else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.first, first.hasPrefix(mark),
            let kind = LiveNames(rawValue: String(first.dropFirst(mark.count)))
        else { return nil }
        let rest = Array(arguments[arguments.index(after: end)...])
        let line = Array(rest.dropFirst(3))
        let typed = rest.count > 1 ? Int(rest[1]).flatMap { line.indices.contains($0) ? line[$0] : nil } : nil
        lines.replaceSubrange(0..<1, with: await kind.names(typed ?? "", Array(line.dropFirst()), context))
        return lines.joined(separator: "\n")
    }

    /// - Parameters:
    ///   - typed: The beginning that has been typed.
    ///   - line: The command line, without the program.
    private func names(_ typed: String, _ line: [String], _ context: CommandContext) async -> [String] {
        let declared = self == .queues ? Topology.shop.services.flatMap(\.queues).map(\.name) : []
        let found = Mutex<[String]>(declared.filter { $0.hasPrefix(typed) })
        // A completion that fails is one that offers nothing.
        try? await TimeLimit.run(Self.patience) {
            let names = try await ask(typed, line, context)
            found.withLock { $0 = names }
        }
        // Others have given some of these names, and bash expands what it is given to offer.
        return found.withLock { names in names.filter { !$0.contains(where: Self.expanded.contains) } }
    }

    private static let expanded: Set<Character> = ["$", "`", "\\", "\"", "'"]

    private func ask(_ typed: String, _ line: [String], _ context: CommandContext) async throws -> [String] {
        if self == .contexts {
            return ContextStore(environment: context.environment).names
        }
        if self == .keys, let flag = line.firstIndex(of: "--file"), line.indices.contains(flag + 1) {
            return try SigningKeys(file: line[flag + 1]).keyIDs
        }
        var context = context
        context.standardError = { _ in }
        try ContextChoice.apply(line, isServer: false, to: &context)
        context.startLogging(.auto, .critical, nil)
        let configuration = try ShopConfiguration(environment: context.environment, context: context.shop)
        if self == .queues { return try await Self.queues(typed, configuration) }
        if self == .keys { return try SigningKeys(file: configuration.signingKeysFile()).keyIDs }
        // What else stands there begins no id.
        let isPlain = typed.utf8.allSatisfy { UInt8(ascii: "-") == $0 || Character(UnicodeScalar($0)).isHexDigit }
        let beginning = isPlain ? typed.lowercased() : ""
        let roles: [Role] =
            switch self {
            case .accounts: [.gateway]
            case .orders: [.orders]
            case .reviews: [.reviews]
            case .products, .categories: [.products]
            default: SagaSources.coordinators
            }
        var names: [String] = []
        for role in roles {
            guard
                let settings = try? configuration.database(
                    of: role, among: Set(roles), connectTimeout: .seconds(1))
            else { continue }
            let found = try? await SagaSources.withClient(settings) { client in
                try await client.query(query(self == .categories ? typed : beginning)).decode((String).self)
            }
            names += found ?? []
        }
        return names
    }

    private static func queues(_ typed: String, _ configuration: ShopConfiguration) async throws -> [String] {
        let names = Topology.shop.services.flatMap { $0.queues.map(\.name) + $0.retiredQueues.map(\.name) }
        let broker = try configuration.broker(name: "shopctl-completion", connectTimeout: .seconds(1))
        return try await QueueCommand.withAdmin(broker) { admin in
            var found: [String] = []
            for name in names where name.hasPrefix(typed) {
                if try await admin.status(name) != nil { found.append(name) }
            }
            return found
        }
    }

    /// Those first that are likely to be meant.
    private func query(_ beginning: String) -> PostgresQuery {
        switch self {
        case .accounts:
            """
            SELECT id::text FROM users WHERE id::text LIKE \(beginning + "%")
            ORDER BY users.id DESC LIMIT \(Self.limit)
            """
        case .reviews:
            """
            SELECT id::text FROM reviews WHERE id::text LIKE \(beginning + "%")
            ORDER BY reviews.id DESC LIMIT \(Self.limit)
            """
        case .categories:
            "SELECT name FROM categories WHERE starts_with(name, \(beginning)) ORDER BY name LIMIT \(Self.limit)"
        case .openSagas:
            """
            SELECT id::text FROM sagas WHERE finished_at IS NULL AND id::text LIKE \(beginning + "%")
            ORDER BY started_at DESC LIMIT \(Self.limit)
            """
        case .products:
            """
            SELECT id::text FROM products WHERE id::text LIKE \(beginning + "%")
            ORDER BY products.id DESC LIMIT \(Self.limit)
            """
        case .sagas:
            """
            SELECT id::text FROM sagas WHERE id::text LIKE \(beginning + "%")
            ORDER BY finished_at IS NOT NULL, started_at DESC LIMIT \(Self.limit)
            """
        default:
            """
            SELECT id::text FROM orders WHERE id::text LIKE \(beginning + "%")
            ORDER BY orders.id DESC LIMIT \(Self.limit)
            """
        }
    }
}

extension SagaCommand.SagaArgument {
    static var defaultCompletionKind: CompletionKind { LiveNames.sagas.completion }
}
