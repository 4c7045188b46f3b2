import Testing

@testable import Passwords

@Suite("Password hasher")
struct PasswordHasherTests {
    private let hasher: PasswordHasher

    init() throws {
        hasher = PasswordHasher(parameters: try ScryptParameters(logN: 4, r: 8, p: 1))
    }

    @Test(
        "A password is recognised, and no other",
        arguments: ["correct horse", "", " ", "пароль", "a\u{0}b", String(repeating: "long", count: 5000)])
    func roundTrip(password: String) async throws {
        let stored = try await hasher.hash(password)
        #expect(try await hasher.check(password, against: stored).isRight)
        #expect(try await hasher.check(password + "x", against: stored) == .wrong)
        #expect(try await hasher.check("other", against: stored) == .wrong)
    }

    @Test("What follows a zero byte counts")
    func zeroByte() async throws {
        let stored = try await hasher.hash("a\u{0}b")
        #expect(try await hasher.check("a\u{0}c", against: stored) == .wrong)
        #expect(try await hasher.check("a", against: stored) == .wrong)
    }

    @Test("The stored string names its parameters, and two of one password differ")
    func form() async throws {
        let first = try await hasher.hash("secret")
        let second = try await hasher.hash("secret")
        #expect(first != second)
        let fields = first.split(separator: "$")
        #expect(fields.count == 4)
        #expect(fields[0] == "scrypt")
        #expect(fields[1] == "ln=4,r=8,p=1")
        #expect(fields[2].count == 22)
        #expect(fields[3].count == 43)
        #expect(!fields[2].contains("=") && !fields[3].contains("="))
    }

    @Test("The recommended parameters are those of the design, and work")
    func recommended() async throws {
        let hasher = PasswordHasher()
        #expect(hasher.parameters == (try ScryptParameters(logN: 17, r: 8, p: 1)))
        #expect(hasher.parameters.memory == 128 << 20)
        let stored = try await hasher.hash("secret")
        #expect(stored.hasPrefix("$scrypt$ln=17,r=8,p=1$"))
        #expect(try await hasher.check("secret", against: stored).isRight)
    }

    @Test("A hash made elsewhere with other parameters is checked by them, and due for a new one")
    func foreignParameters() async throws {
        // Python: hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride", n=16384, r=8, p=1, dklen=64)
        let stored =
            "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$"
            + "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"
        #expect(try await hasher.check("pleaseletmein", against: stored).isRight)
        #expect(try await hasher.check("pleaseletmeout", against: stored) == .wrong)
        #expect(hasher.needsRehash(stored))
    }

    @Test("A new hash is not due for another; one of other parameters or none is")
    func needsRehash() async throws {
        let stored = try await hasher.hash("secret")
        #expect(!hasher.needsRehash(stored))
        #expect(PasswordHasher().needsRehash(stored))
        #expect(hasher.needsRehash("nonsense"))
    }

    @Test(
        "A string that is no hash is a typed error that does not repeat it",
        arguments: [
            "", "secret", "$", "$$$$", "$2b$12$abcdefghijklmnopqrstuv", "scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAA$AAAA",
            "$scrypt$ln=4,r=8$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=4,r=8,p=one$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$r=8,ln=4,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=4,r=8,p=-1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=4,r=8,p=1$!!!!AAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=4,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
            "$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA$",
        ])
    func malformed(stored: String) async throws {
        let error = try await #require(throws: PasswordError.self) {
            _ = try await hasher.check("secret", against: stored)
        }
        guard case .malformedHash = error else {
            Issue.record("\(error)")
            return
        }
        if stored.utf8.count > 6 { #expect(!error.description.contains(stored)) }
    }

    @Test("A stored string cannot ask for more memory than there is")
    func hostileParameters() async throws {
        await #expect(throws: PasswordError.unacceptableParameters("ln=63 is not within 1 to 20")) {
            _ = try await hasher.check(
                "x", against: "$scrypt$ln=63,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
        }
    }

    @Test("The work for no account can be done")
    func nothing() async throws {
        try await hasher.checkAgainstNothing("secret")
    }
}
