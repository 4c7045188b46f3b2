import Testing

@testable import Passwords

@Suite("The form passwords are compared in")
struct NormalPasswordTests {
    private let hasher: PasswordHasher

    init() throws {
        hasher = PasswordHasher(parameters: try ScryptParameters(logN: 4, r: 8, p: 1))
    }

    /// The examples of Unicode's NormalizationTest.txt whose composed form differs from the text in some way, one of
    /// each kind, and the spaces of RFC 8265.
    @Test(
        "A text has one form, composed, with plain spaces",
        arguments: [
            ("e\u{301}", "\u{E9}"), ("\u{212B}", "\u{C5}"), ("A\u{30A}", "\u{C5}"),
            ("q\u{307}\u{323}", "q\u{323}\u{307}"),
            ("\u{1100}\u{1161}\u{11A8}", "\u{AC01}"), ("\u{0344}", "\u{0308}\u{0301}"),
            ("\u{1E0A}\u{323}", "\u{1E0C}\u{307}"),
            ("\u{FB1D}", "\u{5D9}\u{5B4}"), ("a\u{3000}b", "a b"), ("a\u{A0}b", "a b"), ("plain", "plain"), ("ﬁ", "ﬁ"),
        ])
    func form(text: String, normal: String) {
        #expect(NormalPassword.bytes(of: text) == Array(normal.utf8))
        #expect(NormalPassword.bytes(of: normal) == Array(normal.utf8))
    }

    @Test("A password is right however the keyboard composes it")
    func keyboards() async throws {
        let stored = try await hasher.hash("cre\u{300}me bru\u{302}le\u{301}e")
        #expect(try await hasher.check("cr\u{E8}me br\u{FB}l\u{E9}e", against: stored) == .right)
        #expect(try await hasher.check("cre\u{300}me bru\u{302}le\u{301}e", against: stored) == .right)
        #expect(try await hasher.check("cr\u{E8}me\u{A0}br\u{FB}l\u{E9}e", against: stored) == .right)
        #expect(try await hasher.check("creme brulee", against: stored) == .wrong)
    }

    @Test("A hash that was made of the bytes as they came still opens, and is due for a new one")
    func olderHash() async throws {
        let raw = "cre\u{300}me brulee"
        let salt = Array(repeating: UInt8(7), count: StoredPassword.saltLength)
        let key = try Scrypt.derive(
            password: Array(raw.utf8), salt: salt, parameters: hasher.parameters, length: StoredPassword.keyLength)
        let stored = StoredPassword(parameters: hasher.parameters, salt: salt, key: key).text
        #expect(try await hasher.check(raw, against: stored) == .rightButOutdated)
        #expect(try await hasher.check(raw + "x", against: stored) == .wrong)
    }
}
