import ArgumentParser
import Hosting

extension TokenCommand {
    /// `shopctl token keys list`
    struct KeysList: ListingCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Show the keys of a file.",
            discussion: """
                Private halves are never shown. SIGNED UNTIL is the last moment at which a key can have been used;                 the one that signs is in use. RETIRING CUTS OFF tells whose tokens would be refused if the key were                 retired now: nobody keeps a list of the tokens that were issued, so it is what may be alive.

                EXAMPLES:
                  shopctl token keys list
                  shopctl token keys list --file keys.json -o json
                """)

        @OptionGroup var keyFile: KeyFile
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let keys = try SigningKeys(file: try keyFile.path(context))
            try output.write(KeyListing(keys: keys, now: context.now()), context)
        }
    }

    /// `shopctl token keys jwks`
    struct KeysJWKS: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "jwks",
            abstract: "Print the public keys as a JSON Web Key Set.",
            discussion: """
                For services that verify tokens and must not be able to sign them: give them this as auth.jwks-file.

                EXAMPLES:
                  shopctl token keys jwks --file keys.json > jwks.json
                """)

        @OptionGroup var keyFile: KeyFile

        func run(_ context: CommandContext) async throws {
            let keys = try SigningKeys(file: try keyFile.path(context))
            try context.print(String(decoding: keys.publicJWKS, as: UTF8.self))
        }
    }
}
