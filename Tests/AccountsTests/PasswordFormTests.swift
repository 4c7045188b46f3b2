import Postgres
import Testing

@testable import Accounts

@Suite("A password is the same from every keyboard")
struct PasswordFormTests {
    private let email = "ann@shop.example"
    private let composed = "cr\u{E8}me br\u{FB}l\u{E9}e"
    private let decomposed = "cre\u{300}me bru\u{302}le\u{301}e"

    @Test("Signing in and changing go by the normal form")
    func forms() async throws {
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email, password: decomposed)
            _ = try await shop.signIn(email, password: composed)
            let token = try await shop.signIn(email, password: decomposed).accessToken
            let same = try await refusal {
                try await shop.changePassword(token, from: composed, to: decomposed)
            }
            #expect(same == .invalid([AccountFault(.newPassword, .different)]))
            try await shop.changePassword(token, from: composed, to: "battery staple")
        }
    }

    @Test("A hash of the bytes as they came opens once, and is one of the normal form from then on")
    func olderHash() async throws {
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email)
            // Python: hashlib.scrypt("cre\u0300me bru\u0302le\u0301e".encode(), salt=bytes(16), n=16, r=1, p=1, dklen=32)
            try await shop.database.query(
                """
                UPDATE users SET password_hash = \("$scrypt$ln=4,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$uD2qp4PetRt4+PoSMw/gNfIzTA4OpSqrNxpzhfB9pik")
                """)
            let refused = try await refusal { try await shop.signIn(email, password: composed) }
            #expect(refused == .wrongCredentials)
            _ = try await shop.signIn(email, password: decomposed)
            _ = try await shop.signIn(email, password: composed)
        }
    }
}
