import HTTPTypes
import Hosting
import Logging
import Metrics
import Passwords
import Telemetry

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
    let logger: Logger

    private let reuses = Counter(label: "gateway_refresh_token_reuse")
    private let refusals = Counter(label: "gateway_sign_in_refused")

    init(
        users: UserStore, refreshTokens: RefreshTokenStore, passwords: PasswordHasher, issuer: TokenIssuer,
        accessTokenLifetime: Duration, logger: Logger
    ) {
        self.users = users
        self.refreshTokens = refreshTokens
        self.passwords = passwords
        self.issuer = issuer
        self.accessTokenLifetime = accessTokenLifetime
        self.logger = logger
    }

    /// Opens a customer's account and returns its id. Throws a ``Problem`` for fields that are not as they should
    /// be (400) and for an address that has an account (409 `email_taken`).
    func signUp(name: String, email: String, password: String) async throws -> Int64 {
        let name = String(name.trimmingHTTPWhitespace())
        var checks = FieldChecks()
        checks.text(name, "name", length: 1...100)
        let address = EmailAddress(email)
        checks.require(address != nil, "email", "must be an e-mail address of at most 254 ASCII characters")
        checks.require(
            Self.passwordLength.contains(password.unicodeScalars.count), "password",
            "must have \(Self.passwordLength.lowerBound) to \(Self.passwordLength.upperBound) characters")
        try checks.finish()
        guard let address else { throw Problem.internalError }

        let hash = try await hashing { try await passwords.hash(password) }
        guard let id = try await users.insert(name: name, email: address, passwordHash: hash) else {
            throw Problem(status: .conflict, code: "email_taken", detail: "this e-mail address has an account")
        }
        logger.info("account opened", [.userID: .stringConvertible(id)])
        return id
    }

    /// Throws a ``Problem`` (401 `invalid_credentials`), the same after the same time whether the account or the
    /// password is wrong.
    func signIn(email: String, password: String) async throws -> Session {
        var credentials: UserStore.Credentials?
        if let address = EmailAddress(email) {
            credentials = try await users.credentials(email: address)
        }
        // No account has a longer password, and megabytes are not worth hashing.
        let isPlausible = Self.passwordLength.upperBound >= password.unicodeScalars.count
        guard let credentials, isPlausible else {
            try await hashing { try await passwords.verifyAgainstNothing(isPlausible ? password : "") }
            throw refusal()
        }
        let stored = credentials.passwordHash
        guard try await hashing({ try await passwords.verify(password, against: stored) }) else {
            throw refusal()
        }
        if passwords.needsRehash(stored) {
            let hash = try await hashing { try await passwords.hash(password) }
            try await users.replacePasswordHash(userID: credentials.userID, old: stored, new: hash)
        }
        let refreshToken = RefreshToken()
        try await refreshTokens.begin(userID: credentials.userID, token: refreshToken)
        return try await session(userID: credentials.userID, role: credentials.role, refreshToken: refreshToken)
    }

    /// Throws a ``Problem`` (401 `invalid_refresh_token`), the same whatever is wrong with the token.
    func refresh(_ secret: String) async throws -> Session {
        let refusal = Problem.unauthenticated(
            "invalid_refresh_token", "the refresh token is not valid (any more); sign in again", challenge: nil)
        guard let old = RefreshToken(secret) else { throw refusal }
        let new = RefreshToken()
        switch try await refreshTokens.rotate(old, to: new) {
        case .rotated(let userID, let role):
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

    /// In characters (Unicode scalars).
    private static let passwordLength = 8...128

    private func session(userID: Int64, role: ShopRole, refreshToken: RefreshToken) async throws -> Session {
        let issued = try await issuer.issue(subject: userID, role: role, scopes: [], ttl: accessTokenLifetime)
        return Session(
            accessToken: issued.token,
            expiresIn: accessTokenLifetime.components.seconds,
            refreshToken: refreshToken.secret)
    }

    private func refusal() -> Problem {
        refusals.increment()
        return .unauthenticated(
            "invalid_credentials", "the e-mail address or the password is wrong", challenge: nil)
    }

    /// Runs work of the password hasher; its waiting line being full is a 503, not a fault.
    private func hashing<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let error as PasswordError where error == .busy {
            throw Problem.unavailable("busy", "too many people are signing in; try again")
        }
    }
}
