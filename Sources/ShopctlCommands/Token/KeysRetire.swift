import ArgumentParser
import FoundationEssentials
import Hosting

extension TokenCommand {
    /// `shopctl token keys retire`
    struct KeysRetire: ListingCommand {
        typealias Listing = KeyListing

        static let configuration = CommandConfiguration(
            commandName: "retire",
            abstract: "Remove a key: what it signed is no longer believed.",
            discussion: """
                The key that signs cannot be removed; 'rotate' first. Tokens that the key has signed are refused from \
                then on: a warning says so as long as there may be any. Customers' end after 15 minutes, those of \
                'token issue' after 31 days at most. A reason is kept in the gateway's audit trail, before anything is \
                done, and wants its database. Where standard input is a terminal you are asked first, unless \
                --yes is said; where it is none nobody is asked. Scripts say --yes.

                EXAMPLES:
                  shopctl token keys list
                  shopctl token keys retire --file keys.json KID --dry-run
                  shopctl token keys retire --file keys.json KID --reason "it has leaked"
                """)

        @Argument(
            help: "The key's id, or the beginning that 'list' shows of it.", completion: LiveNames.keys.completion)
        var kid: String
        @OptionGroup var deed: DeedOptions
        @OptionGroup var confirmation: Confirmation
        @OptionGroup var keyFile: KeyFile
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let path = try keyFile.path(context)
            let kid = try KeyFile.read(path).whole(self.kid)
            var warning: String?
            if !deed.dryRun {
                warning = try loss(of: kid, KeyFile.read(path), path, context)
                try await confirmation.ask(context) {
                    "key \(kid) goes for good: \(warning ?? "none of its tokens is alive")"
                }
            }
            // An answer takes as long as it likes, and others may change the file meanwhile: it is read anew.
            let keys = try await KeyFile.change(path, deed) { keys in
                warning = try loss(of: kid, keys, path, context)
                try keys.retire(kid)
                try await keyFile.note("retire", kid, deed, context)
            }
            try output.write(
                KeyListing(keys: keys, now: context.now(), isDryRun: deed.dryRun), context,
                deed: deed.dryRun ? nil : "\(path) is written")
            if let warning { context.warn(warning) }
        }

        /// The tokens that retiring the key would cut off, as a warning; nil if there can be none.
        ///
        /// - Throws: ``CommandFailure`` if the key is not there, or signs.
        private func loss(
            of kid: String, _ keys: SigningKeys, _ path: String, _ context: CommandContext
        ) throws -> String? {
            try KeyFile.require(kid, of: keys, path)
            guard kid != keys.activeKeyID else {
                throw CommandFailure(
                    .badData, "the key signs: let another one sign before it is retired",
                    hint: "shopctl token keys rotate --file \(ShellText.word(path))", code: .keyInUse, object: kid)
            }
            return Self.warning(signingEnd: keys.signingEnd(of: kid), now: context.now(), isDryRun: deed.dryRun)
        }

        /// The tokens that are cut off; nil if there can be none.
        static func warning(signingEnd: Date?, now: Date, isDryRun: Bool = false) -> String? {
            let refused = isDryRun ? "would be refused" : "are refused from now on"
            guard let signingEnd else {
                return "if it has signed, its tokens \(refused): those of customers for up to 15 minutes"
            }
            let age = now.timeIntervalSince(signingEnd)
            guard age < KeyUse.longestToken else { return nil }
            let ago = Timestamp.ago(signingEnd, now: now)
            return age < KeyUse.customersToken
                ? "it signed until \(ago): customers' tokens of it are alive, and \(refused)"
                : "it signed until \(ago): tokens of 'token issue' with a longer --ttl \(refused)"
        }
    }
}

extension SigningKeys {
    /// The id that alone begins so; the text itself where none or several do, or where it is too short for a beginning.
    func whole(_ text: String) -> String {
        guard text.count >= ShortID.shortest else { return text }
        let found = keyIDs.filter { $0.hasPrefix(text) }
        return found.count == 1 ? found[0] : text
    }
}

extension TokenCommand.KeyFile {
    /// Passes if the file has that key.
    static func require(_ kid: String, of keys: SigningKeys, _ path: String) throws(CommandFailure) {
        guard !keys.keyIDs.contains(kid) else { return }
        throw CommandFailure(
            .notFound, "there is no such key", hint: "shopctl token keys list --file \(ShellText.word(path))",
            code: .keyMissing, object: kid)
    }
}
