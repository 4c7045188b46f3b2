import ArgumentParser
import Hosting

extension TokenCommand {
    /// `shopctl token keys list`
    struct KeysList: ListingCommand {
        typealias Listing = KeyListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Show the keys of a file.",
            discussion: """
                Private halves are never shown. SIGNED UNTIL is the last moment at which a key can have been used; \
                the one that signs is in use. RETIRING CUTS OFF tells whose tokens would be refused if the key were \
                retired now: nobody keeps a list of the tokens that were issued, so it is what may be alive.

                EXAMPLES:
                  shopctl token keys list
                  shopctl token keys list --file keys.json -o json
                """)

        @OptionGroup var keyFile: KeyFile
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let keys = try KeyFile.read(try keyFile.path(context))
            try output.write(KeyListing(keys: keys, now: context.now()), context)
        }
    }

    /// `shopctl token keys jwks`
    struct KeysJWKS: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "jwks",
            abstract: "Print the public keys as a JSON Web Key Set.",
            discussion: """
                For services that verify tokens and must not be able to sign them: give them this as auth.jwks-file. \
                Without -o it is JSON (RFC 7517) on one line. With -o json it is the same over several lines, with a \
                schema_version besides, which readers of key sets leave alone; -o yaml is that as YAML, and -o jsonl a \
                line for each key: these two are no key sets.

                EXAMPLES:
                  shopctl token keys jwks --file keys.json > jwks.json
                  shopctl token keys jwks -o json | jq -r '.keys[].kid'
                """)

        @OptionGroup var keyFile: KeyFile
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let keys = try KeyFile.read(try keyFile.path(context))
            try output.write(try KeySetReport(jwks: keys.publicJWKS), context)
        }
    }
}

/// The public keys of a file as a JSON Web Key Set.
struct KeySetReport: Report {
    /// The set as it is published.
    private let jwks: [UInt8]
    private let keys: [OutputRecord]

    init(jwks: [UInt8]) throws {
        self.jwks = jwks
        guard case .object(let document) = try JSONParser.parse(jwks), case .array(let keys)? = document["keys"] else {
            throw CommandFailure(.bug, "the public keys are no key set")
        }
        self.keys = keys.map { key in
            var record = OutputRecord()
            guard case .object(let members) = key else { return record }
            for case (let name, .string(let text)) in members.sorted(by: { $0.key < $1.key }) {
                record.members.append(.init(name: name, value: .text(text)))
            }
            return record
        }
    }

    var body: ReportBody { .many("keys", keys) }

    func table(_ style: TextStyle) -> String { String(decoding: jwks, as: UTF8.self) + "\n" }
}
