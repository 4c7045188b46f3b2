import ArgumentParser
import FoundationEssentials
import Hosting

extension TokenCommand {
    /// `shopctl token verify`
    struct TokenVerify: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Tell whether the shop believes a token, and why not.",
            discussion: """
                Verifies as every service does: with the public keys of auth.jwks-file, or else those of \
                auth.keys-file, and with auth.issuer and auth.audience. Exit status 0 if the token is believed now, 2 \
                if it is not, with the reason; 65 if it is no token at all. Since clocks may be apart, a token is \
                believed \(TokenVerifier.leeway) s before its time, and \(TokenVerifier.leeway) s after it has expired.

                EXAMPLES:
                  shopctl token issue --user 3 | shopctl token verify -
                  shopctl token verify --file token.txt --auth-jwks-file jwks.json
                  shopctl token verify --file token.txt -q > /dev/null && echo believed
                """)

        @OptionGroup var input: TokenInput
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let verifier = try configuration.makeTokenVerifier()
            let token = try input.token(context)
            var refusal: TokenError?
            do { _ = try await verifier.verify(token) } catch { refusal = error }
            guard let reading = try? UnverifiedToken(token) else {
                throw CommandFailure(
                    .badData, refusal?.detail ?? "this is not a token",
                    code: .tokenUnreadable, object: input.file ?? "standard input")
            }
            try output.write(TokenVerdict(token: reading, refusal: refusal, now: context.now()), context)
            if let refusal {
                throw CommandFailure(
                    .no, "the token is not believed: \(refusal.detail)", hint: Self.hint(refusal.kind),
                    code: .tokenRefused, object: reading.keyID.map { "of key \($0)" })
            }
        }

        private static func hint(_ kind: TokenError.Kind) -> String {
            switch kind {
            case .expired: "shopctl token issue --user ID"
            case .unknownKey, .badSignature, .wrongAlgorithm: "shopctl token keys list"
            default: "shopctl token inspect -"
            }
        }
    }
}

/// Whether a token is believed.
struct TokenVerdict: Report {
    let token: UnverifiedToken
    /// Nil if it is.
    let refusal: TokenError?
    let now: Date

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        var record = token.output(now: now)
        record = record.led(by: "leeway_seconds", .integer(TokenVerifier.leeway))
        record = record.led(by: "reason_detail", .optional(refusal?.detail))
        record = record.led(by: "reason", .optional(refusal?.kind.rawValue))
        return .one(record.led(by: "valid", .bool(refusal == nil)))
    }

    /// The reason why a token is believed outside of its time; nil within it.
    private var leniency: String? {
        let from = [token.issuedAt, token.notBefore].compactMap { $0 }.max()
        let allowance = "but clocks may be \(TokenVerifier.leeway) s apart"
        if let end = token.expiresAt, end <= now { return "it has expired, \(allowance)" }
        if let from, from > now { return "it is not valid yet, \(allowance)" }
        return nil
    }

    func table(_ style: TextStyle) -> String {
        let verdict =
            refusal.map { style.apply(.red, "not believed") + ": " + Printable.line($0.detail) }
            ?? style.apply(.green, "believed") + (leniency.map { ": \($0)" } ?? "")
        return verdict + "\n" + token.lines(style, now: now)
    }
}
