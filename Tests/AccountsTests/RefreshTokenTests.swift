import Testing

@testable import Accounts

@Suite struct RefreshTokenTests {
    @Test func refreshTokensAreRandomAndKnownByTheirHash() throws {
        let one = RefreshToken()
        let other = RefreshToken()
        #expect(one.secret != other.secret)
        #expect(one.secret.utf8.count == 43)
        #expect(one.hash.count == 32)
        #expect(try #require(RefreshToken(one.secret)).hash == one.hash)
        #expect(RefreshToken("short") == nil)
        #expect(RefreshToken(String(repeating: "!", count: 43)) == nil)
    }
}
