import HTTPTypes
import Hosting
import Logging
import Metrics
import Passwords
import Telemetry
import Throttling

/// Signing up, signing in, and staying signed in.
struct UserAccounts: Sendable {
    /// What a client gets when it has shown who it is.
    struct Session: Sendable {
        let accessToken: String
        /// Seconds until the access token ends.
        let expiresIn: Int64
        let refreshToken: String
    }

    let users: UserStore
    let refreshTokens: RefreshTokenStore
    let passwords: PasswordHasher
    let issuer: TokenIssuer
    /// How long an access token lives.
    let accessTokenLifetime: Duration
    let backoff: Backoff
    let logger: Logger

    private let reuses = Counter(label: "gateway_refresh_token_reuse")
    private let refusals = Counter(label: "gateway_sign_in_refused")

    init(
        users: UserStore, refreshTokens: RefreshTokenStore, passwords: PasswordHasher, issuer: TokenIssuer,
        accessTokenLifetime: Duration, backoff: Backoff? = nil, logger: Logger
    ) {
        self.users = users
        self.refreshTokens = refreshTokens
        self.passwords = passwords
        self.issuer = issuer
        self.accessTokenLifetime = accessTokenLifetime
        self.backoff = backoff ?? Backoff(counters: SharedCounters(redis: nil, logger: logger))
        self.logger = logger
    }

    /// Opens a customer's account and returns its id. Throws a ``Problem`` for fields that are not as they should
    /// be (400) and for an address that has an account (409 `email_taken`).
    func signUp(name: String, email: String, password: String) async throws -> Int64 {
        let name = String(name.trimmingHTTPWhitespace())
        var checks = FieldChecks()
        checks.publicText(name, "name", length: 1...100)
        let address = EmailAddress(email)
        checks.require(address != nil, "email", "must be an e-mail address of at most 254 ASCII characters")
        Self.check(password, "password", &checks)
        try checks.finish()
        guard let address else { throw Problem.internalError }

        let isTaken = Problem(status: .conflict, code: "email_taken", detail: "this e-mail address has an account")
        // Hashing for nothing is what a flood would live on; that there is an account is told in any case.
        guard try await users.credentials(email: address) == nil else { throw isTaken }
        let hash = try await hashing { try await passwords.hash(password, in: .signUp) }
        guard let id = try await users.insert(name: name, email: address, passwordHash: hash) else { throw isTaken }
        logger.info("account opened", [.userID: .stringConvertible(id)])
        return id
    }

    /// Throws a ``Problem`` (401 `invalid_credentials`), the same after the same time whether the account or the
    /// password is wrong; after several of them 429 `too_many_attempts`, whether there is such an account or not.
    ///
    /// - Parameter origins: Where it comes from, from the narrowest on: others than it do not have to wait.
    func signIn(email: String, password: String, from origins: [Origin]) async throws -> Session {
        let address = EmailAddress(email)
        let session = try await backoff.guarding(
            "signin", of: address?.key ?? email.lowercased(), from: origins,
            isFamiliar: { try await users.hasSignedIn(email: address, from: origins) }
        ) {
            try await newSession(email: address, password: password, from: origins)
        }
        guard let session else { throw refusal("the e-mail address or the password is wrong") }
        return session
    }

    /// A session for whoever knows the password; nil for others.
    private func newSession(email: EmailAddress?, password: String, from origins: [Origin]) async throws -> Session? {
        let credentials =
            if let email { try await users.credentials(email: email) } else { nil as UserStore.Credentials? }
        // No account has a longer password, and megabytes are not worth hashing.
        let isPlausible = Self.passwordLength.upperBound >= password.unicodeScalars.count
        guard let credentials, isPlausible else {
            try await hashing { try await passwords.checkAgainstNothing(isPlausible ? password : "") }
            return nil
        }
        let stored = credentials.passwordHash
        let verdict = try await hashing { try await passwords.check(password, against: stored) }
        guard verdict.isRight else { return nil }
        if verdict == .rightButOutdated {
            let hash = try await hashing { try await passwords.hash(password) }
            try await users.replacePasswordHash(userID: credentials.userID, old: stored, new: hash)
        }
        let refreshToken = RefreshToken()
        let hasBegun = try await refreshTokens.begin(
            userID: credentials.userID, passwordVersion: credentials.passwordVersion, token: refreshToken,
            network: origins.first?.name)
        guard hasBegun else { return nil }
        return try await session(userID: credentials.userID, role: credentials.role, refreshToken: refreshToken)
    }

    /// Throws a ``Problem`` (401 `invalid_refresh_token`), the same whatever is wrong with the token.
    func refresh(_ secret: String) async throws -> Session {
        let refusal = Problem.unauthenticated(
            "invalid_refresh_token", "the refresh token is not valid (any more); sign in again", challenge: nil)
        guard let old = RefreshToken(secret) else { throw refusal }
        switch try await refreshTokens.rotate(old) {
        case .rotated(let userID, let role, let new):
            return try await session(userID: userID, role: role, refreshToken: new)
        case .reused(let userID):
            reuses.increment()
            logger.warning(
                "a refresh token was used again; its family is revoked", [.userID: .stringConvertible(userID)])
            throw refusal
        case .refused:
            throw refusal
        }
    }

    /// Ends the session that a refresh token belongs to. Says nothing of whether there was one.
    func signOut(_ secret: String) async throws {
        guard let token = RefreshToken(secret) else { return }
        try await refreshTokens.end(familyOf: token)
    }

    /// Sets a user's password and ends all of their sessions. Throws a ``Problem``: 400 for a new password that is
    /// not as it should be, 401 `invalid_credentials` for a wrong current one, 429 `too_many_attempts` after several.
    ///
    /// - Parameter origins: Where it comes from, the session first: nobody else makes it wait.
    func changePassword(userID: Int64, current: String, new: String, from origins: [Origin]) async throws {
        var checks = FieldChecks()
        Self.check(new, "new_password", &checks)
        checks.require(new != current, "new_password", "must differ from the current one")
        try checks.finish()
        let changed: Void? = try await backoff.guarding("password", of: String(userID), from: origins) {
            guard Self.passwordLength.upperBound >= current.unicodeScalars.count,
                let credentials = try await users.credentials(userID: userID),
                try await hashing({
                    try await passwords.check(current, against: credentials.passwordHash, in: .change)
                }).isRight
            else { return nil }
            let hash = try await hashing { try await passwords.hash(new, in: .change) }
            let isChanged = try await users.changePassword(
                userID: userID, version: credentials.passwordVersion, hash: hash)
            return isChanged ? () : nil
        }
        guard changed != nil else { throw refusal("the current password is wrong") }
        logger.info("password changed", [.userID: .stringConvertible(userID)])
    }

    /// Throws a ``Problem`` (401 `unknown_user`) for a token of an account that is not there.
    func profile(userID: Int64) async throws -> UserStore.Profile {
        guard let profile = try await users.profile(userID: userID) else {
            throw Problem.unauthenticated(
                "unknown_user", "there is no account of this token's user", challenge: "invalid_token")
        }
        return profile
    }

    /// In characters (Unicode scalars).
    private static let passwordLength = 8...128

    private static func check(_ password: String, _ field: String, _ checks: inout FieldChecks) {
        checks.require(
            passwordLength.contains(password.unicodeScalars.count), field,
            "must have \(passwordLength.lowerBound) to \(passwordLength.upperBound) characters")
    }

    private func session(userID: Int64, role: ShopRole, refreshToken: RefreshToken) async throws -> Session {
        let issued = try await issuer.issue(subject: userID, role: role, scopes: [], ttl: accessTokenLifetime)
        return Session(
            accessToken: issued.token,
            expiresIn: accessTokenLifetime.components.seconds,
            refreshToken: refreshToken.secret)
    }

    private func refusal(_ detail: String) -> Problem {
        refusals.increment()
        return .unauthenticated("invalid_credentials", detail, challenge: nil)
    }

    /// Runs work of the password hasher; its waiting line being full is a 503, not a fault.
    private func hashing<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let error as PasswordError where error == .busy {
            throw Problem.unavailable("busy", "too many passwords are being checked; try again")
        }
    }
}
