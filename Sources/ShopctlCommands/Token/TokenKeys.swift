public import ArgumentParser
import FoundationEssentials
public import Hosting

extension SigningAlgorithm: ExpressibleByArgument {
    public init?(argument: String) {
        guard let algorithm = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = algorithm
    }
}

extension TokenCommand {
    /// `shopctl token keys`
    struct TokenKeys: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keys",
            abstract: "Look after the file of private keys.",
            discussion: """
                One key of the file signs; all of them are believed. Servers follow the file: it is replaced in one \
                step and read again within seconds, so that keys change without a restart.

                EXAMPLES:
                  shopctl token keys generate --file keys.json
                  shopctl token keys rotate --file keys.json
                  shopctl token keys jwks --file keys.json > jwks.json
                """,
            subcommands: [KeysGenerate.self, KeysRotate.self, KeysRetire.self, KeysList.self, KeysJWKS.self])
    }

    /// The key file that a command is about.
    struct KeyFile: ParsableArguments {
        @Option(
            help: ArgumentHelp("The key file; by default that of auth.keys-file.", valueName: "file"),
            completion: .file())
        var file: String?
        @OptionGroup var settings: ConfigurationOptions

        func path(_ context: CommandContext) throws -> String {
            if let file { return file }
            return try settings.begin(context).signingKeysFile()
        }

        /// Changes the keys of a file, and writes it unless this is a rehearsal. What others change at the same moment stays.
        ///
        /// - Returns: The keys as they are then.
        static func change(
            _ path: String, _ deed: DeedOptions, _ change: (inout SigningKeys) async throws -> Void
        ) async throws -> SigningKeys {
            do {
                guard deed.dryRun else { return try await SigningKeys.change(path, change) }
                var keys = try SigningKeys(file: path)
                try await change(&keys)
                return keys
            } catch let error as KeyError {
                throw failure(error, path)
            }
        }

        /// Reads the keys of a file.
        static func read(_ path: String) throws -> SigningKeys {
            do {
                return try SigningKeys(file: path)
            } catch {
                throw failure(error, path)
            }
        }

        /// A file that cannot be used, with the command that mends it.
        private static func failure(_ error: KeyError, _ path: String) -> CommandFailure {
            let file = ShellText.word(path)
            let hint =
                error.isMissing
                ? "shopctl token keys generate --file \(file)"
                : error.isOpenToAll ? "chmod 600 \(file)" : "shopctl token keys --help"
            return CommandFailure(
                error.isMissing ? .notFound : .badData, "\(error)", hint: hint, code: .keyFile)
        }

        /// Notes a deed on a key in the gateway's audit trail, if a reason is given: a file may be anywhere, also where
        /// there is no database.
        func note(_ action: String, _ kid: String, _ deed: DeedOptions, _ context: CommandContext) async throws {
            guard let reason = deed.reason else { return }
            // Where the settings name the file, they have been read and logging has begun.
            let configuration = try file == nil ? settings.load(context) : settings.begin(context)
            try await DeedTrail.writing(of: Role.gateway.rawValue, because: reason, configuration) { trail in
                if !deed.dryRun { try await trail.note("token.keys.\(action) \(kid)") }
            }
        }
    }
}

/// The keys of a file, without their private halves.
struct KeyListing: ListReport {
    let keys: SigningKeys
    let now: Date
    /// Whether the file is as it was.
    var isDryRun = false

    var body: ReportBody {
        .many(
            "keys",
            keys.keyIDs.map { id in
                [
                    "kid": .text(id),
                    "algorithm": .optional(keys.algorithm(of: id)?.rawValue),
                    "active": .bool(id == keys.activeKeyID),
                    "created_at": Timestamp.value(keys.creation(of: id)),
                    "signed_until": Timestamp.value(keys.signingEnd(of: id)),
                    "age_seconds": .optional(keys.creation(of: id).map { Int64(max(0, now.timeIntervalSince($0))) }),
                    "retiring": .text(use(id).word),
                    "retiring_until": Timestamp.value(use(id).until),
                    "dry_run": .bool(isDryRun),
                ]
            })
    }

    static var columns: [Table.Column] {
        [
            .left("KID", whole: true), .left("ALGORITHM", minor: true), .left("STATE", "active"),
            .left("CREATED", "created_at", extra: true), .left("AGE", "age_seconds", minor: true),
            .left("SIGNED UNTIL", "signed_until", vital: true), .left("RETIRING CUTS OFF", "retiring", vital: true),
        ]
    }

    private func use(_ id: String) -> KeyUse {
        KeyUse(isActive: id == keys.activeKeyID, signingEnd: keys.signingEnd(of: id), now: now)
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for id in keys.keyIDs {
            let isActive = id == keys.activeKeyID
            table.add([
                .id(id), .plain(keys.algorithm(of: id)?.rawValue ?? "?"),
                .styled(isActive ? "signs" : "believed", isActive ? .green : .dim), .time(keys.creation(of: id)),
                .plain(keys.creation(of: id).map { Timestamp.rounded(max(0, now.timeIntervalSince($0))) } ?? "?"),
                .time(keys.signingEnd(of: id)), .plain(use(id).text),
            ])
        }
        return table.text(style) + (isDryRun ? "nothing was done\n" : "")
    }
}
