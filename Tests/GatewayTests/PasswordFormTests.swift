import HTTPTypes
import Postgres
import Testing

@testable import Gateway

@Suite("A password is the same from every keyboard")
struct PasswordFormTests {
    private let email = "ann@shop.example"
    private let composed = "cr\u{E8}me br\u{FB}l\u{E9}e"
    private let decomposed = "cre\u{300}me bru\u{302}le\u{301}e"

    @Test("Signing in and changing go by the normal form")
    func forms() async throws {
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email, password: decomposed)
            #expect(try await door.signIn(email, password: composed).status == 200)
            let token = try await door.session(email, password: decomposed).access
            let same = try await door.call(
                .post, "/auth/password", token: token, ["current_password": composed, "new_password": decomposed])
            #expect(same.status == 400 && same.body.contains("must differ"))
            let changed = try await door.call(
                .post, "/auth/password", token: token, ["current_password": composed, "new_password": "battery staple"])
            #expect(changed.status == 204)
        }
    }

    @Test("A hash of the bytes as they came opens once, and is one of the normal form from then on")
    func olderHash() async throws {
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email)
            // Python: hashlib.scrypt("cre\u0300me bru\u0302le\u0301e".encode(), salt=bytes(16), n=16, r=1, p=1, dklen=32)
            try await door.database.query(
                """
                UPDATE users SET password_hash = \("$scrypt$ln=4,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$uD2qp4PetRt4+PoSMw/gNfIzTA4OpSqrNxpzhfB9pik")
                """)
            #expect(try await door.signIn(email, password: composed).status == 401)
            #expect(try await door.signIn(email, password: decomposed).status == 200)
            #expect(try await door.signIn(email, password: composed).status == 200)
        }
    }
}
