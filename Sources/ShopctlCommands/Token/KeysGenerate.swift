import ArgumentParser
import Hosting

extension TokenCommand {
    /// `shopctl token keys generate`
    struct KeysGenerate: ListingCommand {
        typealias Listing = KeyListing

        static let configuration = CommandConfiguration(
            commandName: "generate",
            abstract: "Make a key file with one new key.",
            discussion: """
                The file is readable by its owner only. One that is there already is not overwritten: its keys would \
                be lost, and every token that they signed with them.

                EXAMPLES:
                  shopctl token keys generate --file keys.json
                  shopctl token keys generate --file keys.json --algorithm eddsa
                """)

        @OptionGroup var keyFile: KeyFile
        @Option(help: "How the key signs: es256 or eddsa.")
        var algorithm = SigningAlgorithm.es256
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let path = try keyFile.path(context)
            let keys = SigningKeys.generate(algorithm)
            guard try keys.create(path) else {
                throw CommandFailure(
                    .badData, "\(path) is there already",
                    hint: "shopctl token keys rotate --file \(ShellText.word(path))")
            }
            try output.write(KeyListing(keys: keys, now: context.now()), context, deed: "\(path) is written")
        }
    }
}
