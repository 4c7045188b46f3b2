import FoundationEssentials
import Glibc
import Testing

@testable import Hosting

@Suite("Signing keys are kept, published and changed without a restart")
struct SigningKeysTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("A key file comes back as it was written, readable by its owner only")
    func fileRoundTrip() throws {
        var keys = SigningKeys.generate(.es256)
        _ = keys.add(.eddsa)
        try keys.write(to: directory.file("keys.json"))
        #expect(try SigningKeys(file: directory.file("keys.json")) == keys)
        var status = stat()
        #expect(stat(directory.file("keys.json"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        // No draft is left beside it.
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["keys.json"])
    }

    @Test("No id of a key looks like an option of a command")
    func idsAsArguments() {
        // One thumbprint in 64 begins with a hyphen.
        for _ in 0..<1000 { #expect(SigningKeys.generate(.eddsa).keyIDs.first?.hasPrefix("-") == false) }
    }

    @Test("The public set has an algorithm for every key and no private half")
    func publicSet() throws {
        var keys = SigningKeys.generate(.es256)
        _ = keys.add(.eddsa)
        let json = String(decoding: keys.publicJWKS, as: UTF8.self)
        #expect(json.contains(#""alg":"ES256""#) && json.contains(#""alg":"EdDSA""#))
        #expect(json.contains(#""use":"sig""#) && !json.contains(#""d":"#))
        let read = try VerificationKeys(jwks: keys.publicJWKS)
        #expect(read == keys.publicKeys)
        #expect(read.keyIDs == keys.keyIDs)
        #expect(read.json == keys.publicJWKS)
    }

    @Test("Keys for other purposes are left out of a public set, unusable ones are an error")
    func foreignSets() throws {
        let own = String(decoding: SigningKeys.generate(.eddsa).publicJWKS, as: UTF8.self).dropFirst(9).dropLast(2)
        let foreign = #"{"kty":"RSA","alg":"RS256","kid":"r","n":"AQAB","e":"AQAB"}"#
        let encryption = #"{"kty":"EC","crv":"P-256","use":"enc","alg":"ECDH-ES","kid":"e","x":"AA","y":"AA"}"#
        let mixed = try VerificationKeys(jwks: Array(#"{"keys":[\#(foreign),\#(own),\#(encryption)]}"#.utf8))
        #expect(mixed.keyIDs.count == 1)
        let twice = Array(#"{"keys":[\#(own),\#(own)]}"#.utf8)
        #expect(throws: KeyError.self) { try VerificationKeys(jwks: twice) }
        for bad in [
            "", "{}", #"{"keys":[]}"#, #"{"keys":[\#(foreign)]}"#,
            #"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"a","x":"AAAA"}]}"#,
            #"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":"a","x":"AAAA","y":"AAAA"}]}"#,
        ] {
            #expect(throws: KeyError.self) { try VerificationKeys(jwks: Array(bad.utf8)) }
        }
    }

    @Test("Bad key files are refused without showing what is in them")
    func badFiles() throws {
        let keys = SigningKeys.generate(.eddsa)
        let secret = try #require(keys.active?.d)
        let good = String(decoding: keys.privateJSON, as: UTF8.self)
        let other = try #require(SigningKeys.generate(.eddsa).active?.d)
        let bad = [
            "no json \(secret)",
            good.replacing("\"version\" : 1", with: "\"version\" : 2"),
            good.replacing("\"active\" : \"", with: "\"active\" : \"x"),
            good.replacing(secret, with: other),
            good.replacing(secret, with: String(secret.dropLast(4))),
        ]
        for (index, text) in bad.enumerated() {
            let path = try directory.write(text, to: "bad.json")
            let error = #expect(throws: KeyError.self, "case \(index)") { try SigningKeys(file: path) }
            #expect(error?.description.contains(secret) == false)
        }
        let open = try directory.write(good, to: "open.json", mode: 0o644)
        #expect(throws: KeyError.self) { try SigningKeys(file: open) }
        #expect(throws: KeyError.self) { try SigningKeys(file: directory.file("missing.json")) }
        #expect(throws: KeyError.self) { try SigningKeys(file: directory.path) }
    }

    @Test("The key that signs cannot be retired, nor can one that is not there")
    func retiring() throws {
        var keys = SigningKeys.generate()
        let first = keys.activeKeyID
        let second = keys.add(.eddsa)
        #expect(keys.activeKeyID == first)
        #expect(throws: KeyError.self) { try keys.retire(first) }
        #expect(throws: KeyError.self) { try keys.retire("nothing") }
        #expect(throws: KeyError.self) { try keys.activate("nothing") }
        try keys.activate(second)
        try keys.retire(first)
        #expect(keys.keyIDs == [second])
    }

    @Test("A running verifier follows a key from its coming to its going")
    func rotation() async throws {
        let path = directory.file("jwks.json")
        var keys = SigningKeys.generate(.es256)
        try keys.writePublicJWKS(to: path)
        let eager = TokenVerifier.Options(unknownKeyInterval: .zero, lookInterval: .zero)
        let verifier = try TokenVerifier(
            source: .jwksFile(path), issuer: Tokens.issuer, audience: Tokens.audience, options: eager)
        let old = try await Tokens.issuer(keys).issue(subject: 1, role: .customer, ttl: .seconds(600)).token
        _ = try await verifier.verify(old)

        let first = keys.activeKeyID
        try keys.activate(keys.add(.eddsa))
        let new = try await Tokens.issuer(keys).issue(subject: 2, role: .customer, ttl: .seconds(600)).token
        await #expect(throws: TokenError.self) { try await verifier.verify(new) }
        try keys.writePublicJWKS(to: path)
        #expect(try await verifier.verify(new).subject == 2)
        #expect(try await verifier.verify(old).subject == 1)

        try keys.retire(first)
        try keys.writePublicJWKS(to: path)
        let error = await #expect(throws: TokenError.self) { try await verifier.verify(old) }
        #expect(error?.kind == .unknownKey)

        // A file that has been spoilt changes nothing.
        try directory.write("spoilt", to: "jwks.json")
        #expect(try await verifier.verify(new).subject == 2)
    }

    @Test("An unknown key makes the file be read at once, but not again and again")
    func unknownKeyLook() async throws {
        let path = directory.file("jwks.json")
        var keys = SigningKeys.generate()
        try keys.writePublicJWKS(to: path)
        let verifier = try TokenVerifier(
            source: .jwksFile(path), issuer: Tokens.issuer, audience: Tokens.audience,
            options: .init(unknownKeyInterval: .seconds(3600), lookInterval: .seconds(3600)))
        try keys.activate(keys.add())
        let second = try await Tokens.sign(keys: keys)
        try keys.writePublicJWKS(to: path)
        #expect(try await verifier.verify(second).subject == 7)
        try keys.activate(keys.add())
        let third = try await Tokens.sign(keys: keys)
        try keys.writePublicJWKS(to: path)
        let error = await #expect(throws: TokenError.self) { try await verifier.verify(third) }
        #expect(error?.kind == .unknownKey)
    }

    @Test("A verifier and an issuer can work from the private file")
    func privateFile() async throws {
        let path = directory.file("keys.json")
        try SigningKeys.generate(.eddsa).write(to: path)
        let issuer = try TokenIssuer(keysFile: path, issuer: Tokens.issuer, audience: Tokens.audience)
        let verifier = try TokenVerifier(keysFile: path, issuer: Tokens.issuer, audience: Tokens.audience)
        let token = try await issuer.issue(subject: 9, role: .service, ttl: .seconds(60)).token
        #expect(try await verifier.verify(token).role == .service)
        #expect(try await VerificationKeys(jwks: issuer.publicJWKS()) == SigningKeys(file: path).publicKeys)
    }
}
