import Hosting
import Postgres
import Testing

@testable import Accounts

@Suite("Sessions on a real database")
struct SessionTests {
    private let email = "ann@shop.example"

    @Test("Who signs in is told who they are")
    func profile() async throws {
        try await TestAccounts.open { (shop) async throws in
            let id = try await shop.signUp("Ann@Shop.example")
            let session = try await shop.signIn(email)
            #expect(session.expiresIn == 900)
            let identity = try await shop.identity(session.accessToken)
            #expect(identity.subject == id && identity.role == .customer)
            let profile = try await shop.accounts.profile(userID: id)
            #expect(profile.userID == id && profile.name == "Ann")
            #expect(profile.email == "Ann@Shop.example" && profile.role == "customer")
            #expect(try await refusal { try await shop.accounts.profile(userID: id + 1) } == .unknownUser)
        }
    }

    @Test("A refresh token is good for one use, and the next one for the next")
    func rotation() async throws {
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email)
            var token = try await shop.signIn(email).refreshToken
            for _ in 0..<3 {
                let next = try await shop.accounts.refresh(token)
                #expect(next.refreshToken != token)
                token = next.refreshToken
                #expect(try await shop.identity(next.accessToken).role == .customer)
            }
            #expect(try await shop.number("SELECT count(*) FROM refresh_token_families") == 1)
            #expect(try await shop.number("SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL") == 1)
        }
    }

    @Test("A token that comes back after the grace ends its session, and no other")
    func reuse() async throws {
        try await TestAccounts.open({ $0.refreshTokenGrace = .zero }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let other = try await shop.signIn(email).refreshToken
            let first = try await shop.signIn(email).refreshToken
            let second = try await shop.refresh(first)
            #expect(try await refusal { try await shop.refresh(first) } == .invalidRefreshToken)
            #expect(try await refusal { try await shop.refresh(second) } == .invalidRefreshToken)
            _ = try await shop.refresh(other)
            #expect(
                try await shop.number("SELECT count(*) FROM refresh_token_families WHERE revoke_reason = 'reuse'") == 1)
        }
    }

    @Test("A double click within the grace is fine")
    func doubleClick() async throws {
        try await TestAccounts.open({ $0.refreshTokenGrace = .seconds(600) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let first = try await shop.signIn(email).refreshToken
            let one = try await shop.refresh(first)
            let two = try await shop.refresh(first)
            #expect(one == two)
            // The grace is counted from the first use: a later one does not lengthen it.
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM refresh_tokens a JOIN refresh_tokens b ON a.id < b.id
                    WHERE a.used_at IS NOT NULL AND a.used_at > b.created_at
                    """) == 0)
            _ = try await shop.refresh(one)
            #expect(try await shop.number("SELECT count(*) FROM refresh_tokens") == 3)
        }
    }

    @Test("Refreshes at once with one token all get the same successor")
    func concurrentRefreshes() async throws {
        try await TestAccounts.open({ $0.refreshTokenGrace = .seconds(600) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let token = try await shop.signIn(email).refreshToken
            let next = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<12 { group.addTask { try await shop.refresh(token) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(next.count == 12 && Set(next).count == 1)
            #expect(try await shop.number("SELECT count(*) FROM refresh_tokens") == 2)
            #expect(
                try await shop.number("SELECT count(*) FROM refresh_token_families WHERE revoked_at IS NULL") == 1)
        }
    }

    @Test("A thief's refresh within the grace opens no session of its own: the two holders find each other out")
    func thief() async throws {
        try await TestAccounts.open({ $0.refreshTokenGrace = .seconds(600) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let copied = try await shop.signIn(email).refreshToken
            let owners = try await shop.refresh(copied)
            let thiefs = try await shop.refresh(copied)
            #expect(owners == thiefs)
            _ = try await shop.refresh(owners)
            // The grace of the successor passes.
            try await shop.database.query("UPDATE refresh_tokens SET used_at = used_at - interval '1 hour'")
            #expect(try await refusal { try await shop.refresh(thiefs) } == .invalidRefreshToken)
            #expect(
                try await shop.number("SELECT count(*) FROM refresh_token_families WHERE revoke_reason = 'reuse'") == 1)
        }
    }

    @Test("A successor cannot be computed from its token, and another family's key gives another")
    func successors() async throws {
        let token = RefreshToken()
        let one = token.successor(key: Array(repeating: 1, count: 32))
        #expect(one.secret == token.successor(key: Array(repeating: 1, count: 32)).secret)
        #expect(one.secret != token.successor(key: Array(repeating: 2, count: 32)).secret)
        #expect(RefreshToken(one.secret) != nil)
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email)
            for _ in 0..<3 { _ = try await shop.signIn(email) }
            #expect(
                try await shop.number("SELECT count(DISTINCT successor_key) FROM refresh_token_families") == 3)
        }
    }

    @Test("A token that an older version has traded gets no second successor")
    func olderVersion() async throws {
        try await TestAccounts.open({ $0.refreshTokenGrace = .seconds(600) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let token = try await shop.signIn(email).refreshToken
            let random = RefreshToken()
            try await shop.database.query(
                """
                WITH used AS (UPDATE refresh_tokens SET used_at = now() RETURNING family_id, expires_at)
                INSERT INTO refresh_tokens (family_id, token_hash, expires_at)
                SELECT family_id, \(random.hash), expires_at FROM used
                """)
            #expect(try await refusal { try await shop.refresh(token) } == .invalidRefreshToken)
            _ = try await shop.refresh(random.secret)
        }
    }

    @Test("What has ended is deleted when it is old enough, and nothing else")
    func housekeeping() async throws {
        try await TestAccounts.open { (shop) async throws in
            let id = try await shop.signUp(email)
            for _ in 0..<4 { _ = try await shop.signIn(email) }
            try await shop.database.query(
                """
                WITH numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM refresh_token_families)
                UPDATE refresh_token_families AS family SET
                    expires_at = CASE n WHEN 1 THEN now() - interval '31 days' ELSE expires_at END,
                    revoked_at = CASE n WHEN 2 THEN now() - interval '31 days' WHEN 3 THEN now() END,
                    revoke_reason = CASE WHEN n IN (2, 3) THEN 'reuse' END
                FROM numbered WHERE numbered.id = family.id
                """)
            try await shop.database.query(
                """
                INSERT INTO refresh_tokens (family_id, token_hash, expires_at)
                SELECT max(family_id), \(RefreshToken().hash), now() - interval '31 days' FROM refresh_tokens
                """)
            try await shop.database.query(
                """
                INSERT INTO sign_in_networks VALUES (\(id), 'old', now() - interval '181 days')
                """)
            try await shop.database.query(
                """
                INSERT INTO audit_trail (at, actor_id, actor_role, user_id, action, subject_id)
                SELECT now() - make_interval(days => d), 0, 'operator', \(id), 'user.set-role', d
                FROM unnest(ARRAY[729, 731]) d
                """)
            for chore in SessionChores.all(retention: 30, audit: .seconds(730 * 86_400)) {
                while try await shop.database.query(chore).affectedRows > 0 {}
            }
            #expect(try await shop.number("SELECT count(*) FROM refresh_token_families") == 2)
            #expect(try await shop.number("SELECT count(*) FROM refresh_tokens") == 2)
            #expect(try await shop.number("SELECT count(*) FROM sign_in_networks") == 1)
            #expect(try await shop.number("SELECT sum(subject_id)::bigint FROM audit_trail") == 729)
        }
    }

    @Test("Tokens and sessions end by themselves")
    func expiry() async throws {
        try await TestAccounts.open({ $0.refreshTokenLifetime = .zero }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let token = try await shop.signIn(email).refreshToken
            #expect(try await refusal { try await shop.refresh(token) } == .invalidRefreshToken)
        }
        try await TestAccounts.open({ $0.sessionLifetime = .zero }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let token = try await shop.signIn(email).refreshToken
            #expect(try await refusal { try await shop.refresh(token) } == .invalidRefreshToken)
            // What has ended is cleared away at the next sign-in.
            _ = try await shop.signIn(email)
            #expect(try await shop.number("SELECT count(*) FROM refresh_token_families") == 1)
        }
    }

    @Test("Signing out ends the session, and says the same of any token")
    func signOut() async throws {
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email)
            let other = try await shop.signIn(email).refreshToken
            let first = try await shop.signIn(email).refreshToken
            let second = try await shop.refresh(first)
            // By the used token as well: the session is what ends. Then again, by tokens unknown and impossible.
            for token in [first, second, RefreshToken().secret, "nonsense", ""] {
                try await shop.accounts.signOut(token)
            }
            #expect(try await refusal { try await shop.refresh(second) } == .invalidRefreshToken)
            _ = try await shop.refresh(other)
            #expect(
                try await shop.number("SELECT count(*) FROM refresh_token_families WHERE revoke_reason = 'sign_out'")
                    == 1)
        }
    }

    @Test("A change of the password ends all sessions")
    func passwordChange() async throws {
        try await TestAccounts.open { (shop) async throws in
            let id = try await shop.signUp(email)
            _ = try await shop.signUp("bob@shop.example")
            let bob = try await shop.signIn("bob@shop.example").refreshToken
            let one = try await shop.signIn(email)
            let two = try await shop.signIn(email)
            func refused(_ current: String, _ new: String) async throws -> AccountError? {
                try await refusal { try await shop.changePassword(one.accessToken, from: current, to: new) }
            }
            #expect(try await refused("wrong horse", "battery staple") == .wrongCurrentPassword)
            #expect(
                try await refused(TestAccounts.password, "short")
                    == .invalid([AccountFault(.newPassword, .length(8...128))]))
            #expect(
                try await refused(TestAccounts.password, TestAccounts.password)
                    == .invalid([AccountFault(.newPassword, .different)]))
            let next = try await shop.refresh(two.refreshToken)

            #expect(try await refused(TestAccounts.password, "battery staple") == nil)
            for token in [one.refreshToken, two.refreshToken, next] {
                #expect(try await refusal { try await shop.refresh(token) } == .invalidRefreshToken)
            }
            _ = try await shop.refresh(bob)
            #expect(try await refusal { try await shop.signIn(email) } == .wrongCredentials)
            _ = try await shop.signIn(email, password: "battery staple")

            // A sign-in that had checked the old password just before opens no session any more.
            let token = RefreshToken()
            #expect(try await !shop.refreshTokens.begin(userID: id, passwordVersion: 1, token: token))
            #expect(try await refusal { try await shop.refresh(token.secret) } == .invalidRefreshToken)
            #expect(try await shop.refreshTokens.begin(userID: id, passwordVersion: 2, token: token))
            _ = try await shop.refresh(token.secret)
        }
    }

    @Test("Of two changes at once one has the last word, and no session survives it")
    func concurrentChanges() async throws {
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email)
            let token = try await shop.signIn(email).accessToken
            let refusals = try await withThrowingTaskGroup(of: AccountError?.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await refusal {
                            try await shop.changePassword(token, to: "battery staple \(number)")
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals.count { $0 == nil } == 1)
            #expect(refusals.count { $0 == .wrongCurrentPassword } == 3)
            #expect(try await shop.number("SELECT password_version FROM users") == 2)
        }
    }
}
