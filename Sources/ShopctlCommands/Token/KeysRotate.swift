import ArgumentParser
import Hosting

extension TokenCommand {
    /// `shopctl token keys rotate`
    struct KeysRotate: ListingCommand {
        typealias Listing = KeyListing

        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Add a new key, and let it sign.",
            discussion: """
                Older keys are still believed, until 'retire'. Where others verify with a published copy of the public \
                keys, do it in steps: --stage adds a key that does not sign yet; once the copy has it, \
                --activate lets it sign; when the last token of the old key has ended, 'retire' that. A reason is \
                kept in the gateway's audit trail, before anything is done, and wants its database.

                EXAMPLES:
                  shopctl token keys rotate --file keys.json --reason "every quarter"
                  shopctl token keys rotate --file keys.json --dry-run
                  shopctl token keys rotate --file keys.json --stage
                  shopctl token keys rotate --file keys.json --activate KID
                """)

        @OptionGroup var keyFile: KeyFile
        @Option(help: "How the new key signs: es256 or eddsa.")
        var algorithm = SigningAlgorithm.es256
        @Flag(help: "Add a key that does not sign yet.")
        var stage = false
        @Option(help: ArgumentHelp("Add none, let this one sign.", valueName: "kid"))
        var activate: String?
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard !stage || activate == nil else { throw ValidationError("either --stage or --activate") }
        }

        func run(_ context: CommandContext) async throws {
            let path = try keyFile.path(context)
            let keys = try await KeyFile.change(path, deed) { keys in
                if let activate = activate.map({ keys.whole($0) }) {
                    try KeyFile.require(activate, of: keys, path)
                    try keys.activate(activate)
                    try await keyFile.note("activate", activate, deed, context)
                } else {
                    let new = keys.add(algorithm)
                    if !stage { try keys.activate(new) }
                    try await keyFile.note(stage ? "stage" : "rotate", new, deed, context)
                }
            }
            try output.write(
                KeyListing(keys: keys, now: context.now(), isDryRun: deed.dryRun), context,
                deed: deed.dryRun ? nil : "\(path) is written")
        }
    }
}
