import ArgumentParser
import Hosting

extension ContextCommand {
    /// `shopctl context list`
    struct ContextList: ListingCommand {
        typealias Listing = ContextListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the shops that have names here.",
            discussion: """
                A context whose file cannot be used is listed with the reason.

                EXAMPLES:
                  shopctl context list
                  shopctl context list -o json
                """)

        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let store = ContextCommand.store(context)
            let current = store.current
            let entries = store.names.map { name in
                let read = Result { try store.read(name) }
                return ContextListing.Entry(
                    name: name, isCurrent: name == current, path: store.path(of: name), shop: try? read.get(),
                    fault: read.fault)
            }
            try output.write(ContextListing(entries: entries), context)
            if entries.isEmpty { context.note("there is none yet: shopctl context set NAME --from-env") }
        }
    }
}

extension Result {
    /// The words of the failure; nil for success.
    fileprivate var fault: String? { if case .failure(let error) = self { "\(error)" } else { nil } }
}

/// Contexts, a line each.
struct ContextListing: ListReport {
    struct Entry: Sendable {
        let name: String
        let isCurrent: Bool
        let path: String
        /// Nil for a file that cannot be used.
        let shop: ShopContext?
        let fault: String?
    }

    let entries: [Entry]

    var body: ReportBody {
        .many(
            "contexts",
            entries.map { entry in
                [
                    "name": .text(entry.name), "current": .bool(entry.isCurrent),
                    "values": .optional(entry.shop.map { Int64($0.values.count) }),
                    "passwords": .optional(entry.shop.map { Int64($0.secrets.count) }), "path": .text(entry.path),
                    "fault": .optional(entry.fault),
                ]
            })
    }

    static var columns: [Table.Column] {
        [
            .left("NAME"), .left("USED", "current"), .right("VALUES"), .right("PASSWORDS"), .left("PATH", extra: true),
            .left("FAULT"),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for entry in entries {
            table.add([
                .plain(entry.name), .styled(entry.isCurrent ? "yes" : "", .green),
                .plain(entry.shop.map { String($0.values.count) } ?? "-"),
                .plain(entry.shop.map { String($0.secrets.count) } ?? "-"), .plain(entry.path),
                .styled(entry.fault ?? "", .red),
            ])
        }
        return table.text(style)
    }
}
