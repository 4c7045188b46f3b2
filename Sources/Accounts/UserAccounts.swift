public import Hosting
public import Logging
import Metrics
public import Passwords
public import Postgres
import Telemetry
public import Throttling

/// Signing up, signing in, and staying signed in.
public struct UserAccounts: Sendable {
    /// The tokens a client gets when it has shown who it is.
    public struct Session: Sendable {
        public let accessToken: String
        /// Seconds until the access token ends.
        public let expiresIn: Int64
        public let refreshToken: String
    }

    let users: UserStore
    let refreshTokens: RefreshTokenStore
    let passwords: PasswordHasher
    let issuer: TokenIssuer
    /// The time an access token lives.
    let accessTokenLifetime: Duration
    let backoff: Backoff
    let logger: Logger

    private let reuses = Counter(label: "gateway_refresh_token_reuse")
    private let refusals = Counter(label: "gateway_sign_in_refused")

    /// - Parameters:
    ///   - database: Where accounts are kept.
    ///   - counters: Where wrong passwords are counted.
    ///   - passwords: Hashes passwords; one for the process is enough.
    ///   - issuer: Signs access tokens.
    ///   - options: Lifetimes, and waits of those who guess.
    ///   - logger: Its label and metadata are kept.
    public init(
        database: PostgresClient, counters: SharedCounters, passwords: PasswordHasher, issuer: TokenIssuer,
        options: AccountOptions = .init(), logger: Logger
    ) {
        self.users = UserStore(database: database)
        self.refreshTokens = RefreshTokenStore(database: database, lifetimes: .init(options))
        self.passwords = passwords
        self.issuer = issuer
        self.accessTokenLifetime = options.accessTokenLifetime
        self.backoff = Backoff(counters: counters, policy: options.backoff)
        self.logger = logger
    }

    /// Opens a customer's account and returns its id.
    ///
    /// - Throws: ``AccountError``: `invalid`, `emailTaken`, `busy`; what the database throws.
    public func signUp(name: String, email: String, password: String) async throws -> Int64 {
        let name = String(name.trimmingBlanks())
        var faults: [AccountFault] = []
        if !Self.nameLength.contains(name.unicodeScalars.count) {
            faults.append(AccountFault(.name, .length(Self.nameLength)))
        }
        faults += PublicText.faults(in: name).map { AccountFault(.name, .publicText($0)) }
        let address = EmailAddress(email)
        if address == nil { faults.append(AccountFault(.email, .address)) }
        faults += Self.faults(of: password, .password)
        guard let address, faults.isEmpty else { throw AccountError.invalid(faults) }

        // Hashing for nothing is what a flood would live on; that there is an account is told in any case.
        guard try await users.credentials(email: address) == nil else { throw AccountError.emailTaken }
        let hash = try await hashing { try await passwords.hash(password, in: .signUp) }
        guard let id = try await users.insert(name: name, email: address, passwordHash: hash) else {
            throw AccountError.emailTaken
        }
        logger.info("account opened", [.userID: .stringConvertible(id)])
        return id
    }

    /// Opens a session.
    ///
    /// - Parameter origins: Where it comes from, from the narrowest on: others than it do not have to wait.
    /// - Throws: ``AccountError``: `wrongCredentials`, the same after the same time whether the account or the password
    ///   is wrong; after several of them `tooManyAttempts`, whether there is such an account or not; `busy`. What the
    ///   database throws.
    public func signIn(email: String, password: String, from origins: [Origin]) async throws -> Session {
        let address = EmailAddress(email)
        let session = try await guarding(
            "signin", of: address?.key ?? email.lowercased(), from: origins,
            isFamiliar: { try await users.hasSignedIn(email: address, from: origins) }
        ) {
            try await newSession(email: address, password: password, from: origins)
        }
        guard let session else { throw refusal(.wrongCredentials) }
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

    /// Goes on with a session.
    ///
    /// - Throws: ``AccountError/invalidRefreshToken``, the same whatever is wrong with the token; what the database
    ///   throws.
    public func refresh(_ secret: String) async throws -> Session {
        guard let old = RefreshToken(secret) else { throw AccountError.invalidRefreshToken }
        switch try await refreshTokens.rotate(old) {
        case .rotated(let userID, let role, let new):
            return try await session(userID: userID, role: role, refreshToken: new)
        case .reused(let userID):
            reuses.increment()
            logger.warning(
                "a refresh token was used again; its family is revoked", [.userID: .stringConvertible(userID)])
            throw AccountError.invalidRefreshToken
        case .refused:
            throw AccountError.invalidRefreshToken
        }
    }

    /// Ends the session that a refresh token belongs to. Says nothing of whether there was one.
    public func signOut(_ secret: String) async throws {
        guard let token = RefreshToken(secret) else { return }
        try await refreshTokens.end(familyOf: token)
    }

    /// Sets a user's password and ends all of their sessions.
    ///
    /// - Parameter origins: Where it comes from, the session first: nobody else makes it wait.
    /// - Throws: ``AccountError``: `invalid` for the new password, `wrongCurrentPassword`, after several of them
    ///   `tooManyAttempts`, `busy`; what the database throws.
    public func changePassword(userID: Int64, current: String, new: String, from origins: [Origin]) async throws {
        var faults = Self.faults(of: new, .newPassword)
        if new == current { faults.append(AccountFault(.newPassword, .different)) }
        guard faults.isEmpty else { throw AccountError.invalid(faults) }
        let changed: Void? = try await guarding("password", of: String(userID), from: origins) {
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
        guard changed != nil else { throw refusal(.wrongCurrentPassword) }
        logger.info("password changed", [.userID: .stringConvertible(userID)])
    }

    /// A user, as they are shown to themselves.
    ///
    /// - Throws: ``AccountError/unknownUser``; what the database throws.
    public func profile(userID: Int64) async throws -> UserProfile {
        guard let profile = try await users.profile(userID: userID) else { throw AccountError.unknownUser }
        return profile
    }

    /// In characters (Unicode scalars).
    private static let nameLength = 1...100
    private static let passwordLength = 8...128

    private static func faults(of password: String, _ field: AccountFault.Field) -> [AccountFault] {
        passwordLength.contains(password.unicodeScalars.count)
            ? [] : [AccountFault(field, .length(passwordLength))]
    }

    private func session(userID: Int64, role: ShopRole, refreshToken: RefreshToken) async throws -> Session {
        let issued = try await issuer.issue(subject: userID, role: role, scopes: [], ttl: accessTokenLifetime)
        return Session(
            accessToken: issued.token,
            expiresIn: accessTokenLifetime.components.seconds,
            refreshToken: refreshToken.secret)
    }

    /// Counts a wrong password.
    private func refusal(_ error: AccountError) -> AccountError {
        refusals.increment()
        return error
    }

    /// Runs an attempt to show a password, unless it has to wait.
    private func guarding<Result: Sendable>(
        _ purpose: String, of account: String, from origins: [Origin], isFamiliar: () async throws -> Bool = { true },
        _ attempt: () async throws -> Result?
    ) async throws -> Result? {
        do {
            return try await backoff.guarding(purpose, of: account, from: origins, isFamiliar: isFamiliar, attempt)
        } catch let error as TooManyAttempts {
            throw AccountError.tooManyAttempts(retryAfter: error.retryAfter)
        }
    }

    /// Runs work of the password hasher; its waiting line being full is no fault.
    private func hashing<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let error as PasswordError where error == .busy {
            throw AccountError.busy
        }
    }
}
