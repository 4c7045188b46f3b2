import HTTPTypes
import Hosting
import Postgres
import Testing

@testable import Gateway

@Suite("Sessions on a real database")
struct SessionTests {
    private let email = "ann@shop.example"

    @Test("Who signs in is told who they are")
    func me() async throws {
        try await AccountDoor.open { (door) async throws in
            let id = try await door.signUp("Ann@Shop.example")
            let tokens = try await door.session(email)
            let me = try await door.call(.get, "/api/me", token: tokens.access)
            #expect(me.status == 200)
            #expect(me.member("id") == String(id) && me.member("name") == "Ann")
            #expect(me.member("email") == "Ann@Shop.example" && me.member("role") == "customer")
            #expect(me.member("created_at")?.hasSuffix("Z") == true)
            #expect(me.headers[.cacheControl] == "no-store")
            #expect(!me.body.contains("password"))

            let nobody = try await door.issuer.issue(subject: id + 1, role: .customer, ttl: .seconds(60)).token
            let unknown = try await door.call(.get, "/api/me", token: nobody)
            #expect(unknown.status == 401 && unknown.code == "unknown_user")
        }
    }

    @Test("A refresh token is good for one use, and the next one for the next")
    func rotation() async throws {
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email)
            var token = try await door.session(email).refresh
            for _ in 0..<3 {
                let answer = try await door.refresh(token)
                #expect(answer.status == 200)
                let next = try #require(answer.member("refresh_token"))
                #expect(next != token)
                token = next
                let access = try #require(answer.member("access_token"))
                #expect(try await door.call(.get, "/api/me", token: access).status == 200)
            }
            #expect(try await door.number("SELECT count(*) FROM refresh_token_families") == 1)
            #expect(try await door.number("SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL") == 1)
        }
    }

    @Test("A token that comes back after the grace ends its session, and no other")
    func reuse() async throws {
        try await AccountDoor.open({ $0.refreshTokenGrace = .zero }) { (door) async throws in
            _ = try await door.signUp(email)
            let other = try await door.session(email).refresh
            let first = try await door.session(email).refresh
            let second = try #require(try await door.refresh(first).member("refresh_token"))
            let reused = try await door.refresh(first)
            #expect(reused.status == 401 && reused.code == "invalid_refresh_token")
            let successor = try await door.refresh(second)
            #expect(successor.status == 401 && successor.code == "invalid_refresh_token")
            #expect(try await door.refresh(other).status == 200)
            #expect(
                try await door.number("SELECT count(*) FROM refresh_token_families WHERE revoke_reason = 'reuse'") == 1)
        }
    }

    @Test("A double click within the grace is fine")
    func doubleClick() async throws {
        try await AccountDoor.open({ $0.refreshTokenGrace = .seconds(600) }) { (door) async throws in
            _ = try await door.signUp(email)
            let first = try await door.session(email).refresh
            let one = try await door.refresh(first).member("refresh_token")
            let two = try await door.refresh(first).member("refresh_token")
            #expect(one == two && one != nil)
            // The grace is counted from the first use: a later one does not lengthen it.
            #expect(
                try await door.number(
                    """
                    SELECT count(*) FROM refresh_tokens a JOIN refresh_tokens b ON a.id < b.id
                    WHERE a.used_at IS NOT NULL AND a.used_at > b.created_at
                    """) == 0)
            #expect(try await door.refresh(one).status == 200)
            #expect(try await door.number("SELECT count(*) FROM refresh_tokens") == 3)
        }
    }

    @Test("Refreshes at once with one token all get the same successor")
    func concurrentRefreshes() async throws {
        try await AccountDoor.open({ $0.refreshTokenGrace = .seconds(600) }) { (door) async throws in
            _ = try await door.signUp(email)
            let token = try await door.session(email).refresh
            let next = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<12 { group.addTask { try await door.refresh(token).member("refresh_token") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(next).count == 1 && !next.contains(nil))
            #expect(try await door.number("SELECT count(*) FROM refresh_tokens") == 2)
            #expect(
                try await door.number("SELECT count(*) FROM refresh_token_families WHERE revoked_at IS NULL") == 1)
        }
    }

    @Test("A thief's refresh within the grace opens no session of its own: the two holders find each other out")
    func thief() async throws {
        try await AccountDoor.open({ $0.refreshTokenGrace = .seconds(600) }) { (door) async throws in
            _ = try await door.signUp(email)
            let copied = try await door.session(email).refresh
            let owners = try #require(try await door.refresh(copied).member("refresh_token"))
            let thiefs = try #require(try await door.refresh(copied).member("refresh_token"))
            #expect(owners == thiefs)
            #expect(try await door.refresh(owners).status == 200)
            // The grace of the successor passes.
            try await door.database.query("UPDATE refresh_tokens SET used_at = used_at - interval '1 hour'")
            #expect(try await door.refresh(thiefs).code == "invalid_refresh_token")
            #expect(
                try await door.number("SELECT count(*) FROM refresh_token_families WHERE revoke_reason = 'reuse'") == 1)
        }
    }

    @Test("A successor cannot be computed from its token, and another family's key gives another")
    func successors() async throws {
        let token = RefreshToken()
        let one = token.successor(key: Array(repeating: 1, count: 32))
        #expect(one.secret == token.successor(key: Array(repeating: 1, count: 32)).secret)
        #expect(one.secret != token.successor(key: Array(repeating: 2, count: 32)).secret)
        #expect(RefreshToken(one.secret) != nil)
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email)
            for _ in 0..<3 { _ = try await door.session(email) }
            #expect(
                try await door.number("SELECT count(DISTINCT successor_key) FROM refresh_token_families") == 3)
        }
    }

    @Test("A token that an older version has traded gets no second successor")
    func olderVersion() async throws {
        try await AccountDoor.open({ $0.refreshTokenGrace = .seconds(600) }) { (door) async throws in
            _ = try await door.signUp(email)
            let token = try await door.session(email).refresh
            let random = RefreshToken()
            try await door.database.query(
                """
                WITH used AS (UPDATE refresh_tokens SET used_at = now() RETURNING family_id, expires_at)
                INSERT INTO refresh_tokens (family_id, token_hash, expires_at)
                SELECT family_id, \(random.hash), expires_at FROM used
                """)
            #expect(try await door.refresh(token).status == 401)
            #expect(try await door.refresh(random.secret).status == 200)
        }
    }

    @Test("What has ended is deleted when it is old enough, and nothing else")
    func housekeeping() async throws {
        try await AccountDoor.open { (door) async throws in
            let id = try await door.signUp(email)
            for _ in 0..<4 { _ = try await door.session(email) }
            try await door.database.query(
                """
                WITH numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM refresh_token_families)
                UPDATE refresh_token_families AS family SET
                    expires_at = CASE n WHEN 1 THEN now() - interval '31 days' ELSE expires_at END,
                    revoked_at = CASE n WHEN 2 THEN now() - interval '31 days' WHEN 3 THEN now() END,
                    revoke_reason = CASE WHEN n IN (2, 3) THEN 'reuse' END
                FROM numbered WHERE numbered.id = family.id
                """)
            try await door.database.query(
                """
                INSERT INTO refresh_tokens (family_id, token_hash, expires_at)
                SELECT max(family_id), \(RefreshToken().hash), now() - interval '31 days' FROM refresh_tokens
                """)
            try await door.database.query(
                """
                INSERT INTO sign_in_networks VALUES (\(id), 'old', now() - interval '181 days')
                """)
            try await door.database.query(
                """
                INSERT INTO audit_trail (at, actor_id, actor_role, user_id, action, subject_id)
                SELECT now() - make_interval(days => d), 0, 'operator', \(id), 'user.set-role', d
                FROM unnest(ARRAY[729, 731]) d
                """)
            for chore in SessionChores.all(retention: 30, audit: GatewayOptions().auditRetention) {
                while try await door.database.query(chore).affectedRows > 0 {}
            }
            #expect(try await door.number("SELECT count(*) FROM refresh_token_families") == 2)
            #expect(try await door.number("SELECT count(*) FROM refresh_tokens") == 2)
            #expect(try await door.number("SELECT count(*) FROM sign_in_networks") == 1)
            #expect(try await door.number("SELECT sum(subject_id)::bigint FROM audit_trail") == 729)
        }
        let configuration = try ShopConfiguration(flags: ["retention.audit": "3"], file: nil, environment: [:])
        #expect(GatewayOptions(configuration, roles: [.gateway]).auditRetention == .seconds(3 * 86_400))
    }

    @Test("Tokens and sessions end by themselves")
    func expiry() async throws {
        try await AccountDoor.open({ $0.refreshTokenLifetime = .zero }) { (door) async throws in
            _ = try await door.signUp(email)
            #expect(try await door.refresh(try await door.session(email).refresh).code == "invalid_refresh_token")
        }
        try await AccountDoor.open({ $0.sessionLifetime = .zero }) { (door) async throws in
            _ = try await door.signUp(email)
            #expect(try await door.refresh(try await door.session(email).refresh).code == "invalid_refresh_token")
            // What has ended is cleared away at the next sign-in.
            _ = try await door.session(email)
            #expect(try await door.number("SELECT count(*) FROM refresh_token_families") == 1)
        }
    }

    @Test("Signing out ends the session, and says the same of any token")
    func signOut() async throws {
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email)
            let other = try await door.session(email).refresh
            let first = try await door.session(email).refresh
            let second = try #require(try await door.refresh(first).member("refresh_token"))
            // By the used token as well: the session is what ends. Then again, by tokens unknown and impossible.
            for token in [first, second, RefreshToken().secret, "nonsense", ""] {
                let answer = try await door.call(.post, "/auth/signout", ["refresh_token": token])
                #expect(answer.status == 204 && answer.body.isEmpty)
            }
            #expect(try await door.refresh(second).status == 401)
            #expect(try await door.refresh(other).status == 200)
            #expect(
                try await door.number("SELECT count(*) FROM refresh_token_families WHERE revoke_reason = 'sign_out'")
                    == 1)
            #expect(try await door.call(.post, "/auth/signout", ["token": first]).code == "invalid_field")
        }
    }

    @Test("A change of the password ends all sessions")
    func passwordChange() async throws {
        try await AccountDoor.open { (door) async throws in
            let id = try await door.signUp(email)
            _ = try await door.signUp("bob@shop.example")
            let bob = try await door.session("bob@shop.example").refresh
            let one = try await door.session(email)
            let two = try await door.session(email)
            func change(_ current: String, _ new: String, token: String? = nil) async throws -> AccountDoor.Answer {
                try await door.call(
                    .post, "/auth/password", token: token ?? one.access,
                    ["current_password": current, "new_password": new])
            }
            #expect(try await door.call(.post, "/auth/password").code == "token_required")
            let wrong = try await change("wrong horse", "battery staple")
            #expect(wrong.status == 401 && wrong.code == "invalid_credentials")
            for new in ["short", AccountDoor.password] {
                let refused = try await change(AccountDoor.password, new)
                #expect(refused.status == 400 && refused.body.contains("new_password"))
            }
            #expect(try await door.refresh(two.refresh).status == 200)

            let changed = try await change(AccountDoor.password, "battery staple")
            #expect(changed.status == 204 && changed.body.isEmpty)
            for token in [one.refresh, two.refresh] { #expect(try await door.refresh(token).status == 401) }
            #expect(try await door.refresh(bob).status == 200)
            #expect(try await door.signIn(email).code == "invalid_credentials")
            #expect(try await door.signIn(email, password: "battery staple").status == 200)

            // A sign-in that had checked the old password just before opens no session any more.
            let token = RefreshToken()
            #expect(try await !door.refreshTokens.begin(userID: id, passwordVersion: 1, token: token))
            #expect(try await door.refresh(token.secret).status == 401)
            #expect(try await door.refreshTokens.begin(userID: id, passwordVersion: 2, token: token))
            #expect(try await door.refresh(token.secret).status == 200)
        }
    }

    @Test("Of two changes at once one has the last word, and no session survives it")
    func concurrentChanges() async throws {
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email)
            let tokens = try await door.session(email)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await door.call(
                            .post, "/auth/password", token: tokens.access,
                            ["current_password": AccountDoor.password, "new_password": "battery staple \(number)"]
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 204 } == 1)
            #expect(statuses.allSatisfy { [204, 401].contains($0) })
            #expect(try await door.number("SELECT password_version FROM users") == 2)
        }
    }
}
