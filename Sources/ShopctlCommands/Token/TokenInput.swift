import ArgumentParser
import FoundationEssentials
import Hosting

extension TokenCommand {
    /// The place of a token that a command is about: never an argument, which every user of a host can read.
    struct TokenInput: ParsableArguments {
        @Argument(help: ArgumentHelp("'-' for standard input.", valueName: "-"))
        var source: String?
        @Option(help: ArgumentHelp("A file with the token.", valueName: "file"), completion: .file())
        var file: String?

        func validate() throws {
            // What stands there is not repeated: it may be a token.
            guard source == nil || source == "-" else {
                throw ValidationError(
                    "a token must not stand among the arguments, which every user of this host could read: "
                        + "write it to standard input and say '-', or name a file by --file")
            }
            guard (source == nil) != (file == nil) else {
                throw ValidationError("say where the token is: '-' for standard input, or --file")
            }
        }

        /// The token, without blanks around it and the word of the header it may have been copied from.
        func token(_ context: CommandContext) throws -> String {
            let text = String(decoding: try Descriptor.readFile(file ?? "-", context), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            let bare = words.drop { ["authorization:", "bearer"].contains($0.lowercased()) }
            guard let token = bare.first, bare.count == 1 else {
                throw CommandFailure(
                    .badData, bare.isEmpty ? "there is no token" : "there is more than one token",
                    hint: "shopctl token issue --user ID | shopctl token inspect -", code: .tokenUnreadable,
                    object: file ?? "standard input")
            }
            return token
        }
    }
}

extension UnverifiedToken {
    /// The token's words as results show them.
    func output(now: Date) -> OutputRecord {
        [
            "kid": .optional(keyID), "algorithm": .optional(algorithm), "type": .optional(type),
            "subject": .optional(subject), "role": .optional(role), "scopes": .texts(scopes),
            "actor": .optional(actor), "token_id": .optional(tokenID), "issuer": .optional(issuer),
            "audiences": .texts(audiences), "issued_at": Timestamp.value(issuedAt),
            "not_before": Timestamp.value(notBefore), "expires_at": Timestamp.value(expiresAt),
            "expired": expiresAt.map { .bool($0 <= now) } ?? .null, "other_claims": .texts(otherClaims),
        ]
    }

    /// The same for people, a line each.
    func lines(_ style: TextStyle, now: Date) -> String {
        func time(_ date: Date?) -> String? {
            date.map { date in
                let text = style.time(date)
                return style.tellsSpans ? text : "\(text) (\(Timestamp.ago(date, now: now)))"
            }
        }
        let pairs: [(String, String?)] = [
            ("subject", subject), ("role", role), ("scopes", scopes.isEmpty ? nil : scopes.joined(separator: " ")),
            ("actor", actor), ("issuer", issuer), ("audience", audiences.joined(separator: " ")),
            ("token id", tokenID), ("issued", time(issuedAt)), ("not before", time(notBefore)),
            ("expires", time(expiresAt)), ("key", keyID), ("algorithm", algorithm), ("type", type),
            ("also claims", otherClaims.isEmpty ? nil : otherClaims.joined(separator: " ")),
        ]
        return pairs.compactMap { name, value in
            value.map { text in
                let gap = String(repeating: " ", count: max(1, 13 - name.count))
                return "\(style.bold(name))\(gap)\(Printable.line(text))\n"
            }
        }.joined()
    }
}
