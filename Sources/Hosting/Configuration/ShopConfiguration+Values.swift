public import Postgres

extension ShopConfiguration {
    /// The database of a role.
    ///
    /// A URL for every role (`database.url`) has `{role}` in it wherever several roles with databases run, so that
    /// each gets its own.
    ///
    /// - Parameter roles: The roles that need a database in this process or for this command.
    /// - Throws: ``ConfigurationError`` if there is no URL for the role, or it would serve several roles.
    public func databaseURL(for role: Role, among roles: Set<Role>) throws(ConfigurationError) -> String {
        if let own = self[.databaseURL(of: role)] { return own }
        guard let shared = self[.databaseURL] else {
            throw .missing(
                [.databaseURL(of: role), .databaseURL], reason: "the role \(role.rawValue) keeps its data there")
        }
        if shared.contains("{role}") { return shared.replacing("{role}", with: role.rawValue) }
        let sharing = roles.filter { self[.databaseURL(of: $0)] == nil }
        guard sharing.count <= 1 else {
            let names = Role.allCases.filter(sharing.contains).map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(
                key: Setting.databaseURL.key,
                """
                database.url would give one database to several roles (\(names)): put {role} in place of the \
                database's name, or set \(Setting.databaseURL(of: role).variable) and the like
                """)
        }
        return shared
    }

    /// The way to reach the database of a role, its schema pinned: no `search_path` of a server, a user or a database
    /// leads elsewhere.
    ///
    /// - Parameter connectTimeout: Unless the URL says otherwise.
    /// - Throws: ``ConfigurationError`` as ``databaseURL(for:among:)``; `PostgresConfigurationError` for a URL that
    ///   cannot be used.
    public func postgres(
        for role: Role, among roles: Set<Role>, connectTimeout: Duration = .seconds(5)
    ) throws -> PostgresConfiguration {
        var configuration = try PostgresConfiguration(
            url: databaseURL(for: role, among: roles), connectTimeout: connectTimeout)
        configuration.schema = databaseSchema
        return configuration
    }

    /// The schema that has the shop's tables, in every role's database.
    public var databaseSchema: String { text(.databaseSchema) }

    /// The most connections that a role opens to its database.
    public var databasePoolSize: Int { number(.databasePoolSize) }

    /// RabbitMQ.
    ///
    /// - Throws: ``ConfigurationError`` if it is not set.
    public func amqpURL() throws(ConfigurationError) -> String {
        try required(.amqpURL, reason: "services exchange messages over it")
    }

    /// RabbitMQ's management interface; nil for none: what only that can tell is not checked then.
    public var amqpManagementURL: String? { self[.amqpManagementURL] }

    /// Redis; nil for none: nothing is cached or limited then.
    public var redisURL: String? { self[.redisURL] }

    /// The beginning of every key in Redis.
    public var redisKeyPrefix: String { text(.redisKeyPrefix) }

    /// The address at which a role listens.
    public func listenAddress(of role: Role) -> ListenAddress {
        self[.listen(of: role)].flatMap(ListenAddress.init) ?? .off
    }

    /// The addresses at which other processes find a role; several addresses are used in turn.
    public func addresses(of role: Role) -> [HostPort] {
        self[.address(of: role)].flatMap(Setting.addresses) ?? []
    }

    /// Requests a minute that a client may make at the gateway; 0 for no limit.
    public var gatewayRateLimit: Int { number(.gatewayRateLimit) }

    /// Sign-ins, and refreshes, a minute that an address may make at the gateway; 0 for no limit.
    public var gatewayAuthRateLimit: Int { number(.gatewayAuthRateLimit) }

    /// Days that ended sessions are kept.
    public var gatewaySessionRetention: Int { number(.gatewaySessionRetention) }

    /// The proxies before the gateway whose word on the client's address is taken.
    public var gatewayTrustedProxies: [AddressRange] {
        self[.gatewayTrustedProxies].flatMap(Setting.addressRanges) ?? []
    }

    /// The origins whose pages may call the gateway, as browsers write them; `*` alone for all.
    public var gatewayCORSOrigins: [String] { self[.gatewayCORSOrigins].flatMap(Setting.origins) ?? [] }

    /// The address at which the listener for health and metrics is.
    public var adminListenAddress: ListenAddress { self[.adminListen].flatMap(ListenAddress.init) ?? .off }

    /// The time a call to another role may take.
    public var rpcDeadline: Duration { duration(.rpcDeadline) }

    /// The file with the private keys that sign access tokens.
    ///
    /// - Throws: ``ConfigurationError`` if it is not set.
    public func signingKeysFile() throws(ConfigurationError) -> String {
        try required(.authKeysFile, reason: "access tokens are signed with these keys")
    }

    /// The issuer that access tokens name.
    public var issuer: String { text(.authIssuer) }

    /// The audience that access tokens name.
    public var audience: String { text(.authAudience) }

    /// A verifier of access tokens, with the keys of `auth.jwks-file` or else of `auth.keys-file`.
    ///
    /// - Throws: ``ConfigurationError`` if neither is set or the file is not usable.
    public func makeTokenVerifier() throws(ConfigurationError) -> TokenVerifier {
        do {
            if let file = self[.authJWKSFile] {
                return try TokenVerifier(jwksFile: file, issuer: issuer, audience: audience)
            }
            if let file = self[.authKeysFile] {
                return try TokenVerifier(keysFile: file, issuer: issuer, audience: audience)
            }
        } catch {
            throw ConfigurationError(key: Setting.authJWKSFile.key, error.description)
        }
        throw .missing([.authJWKSFile, .authKeysFile], reason: "access tokens are verified with these keys")
    }

    /// An issuer of access tokens with the keys of `auth.keys-file`.
    ///
    /// - Throws: ``ConfigurationError`` if it is not set or the file is not usable.
    public func makeTokenIssuer() throws(ConfigurationError) -> TokenIssuer {
        let file = try signingKeysFile()
        do {
            return try TokenIssuer(keysFile: file, issuer: issuer, audience: audience)
        } catch {
            throw ConfigurationError(key: Setting.authKeysFile.key, error.description)
        }
    }

    /// Certificates for gRPC between roles; `nil` if it goes in the clear.
    ///
    /// - Throws: ``ConfigurationError`` if only one of certificate and key is set.
    public func tls() throws(ConfigurationError) -> TLSFiles? {
        switch (self[.tlsCertificate], self[.tlsKey], self[.tlsCA]) {
        case (nil, nil, nil): return nil
        case (let certificate?, let key?, let ca): return TLSFiles(certificate: certificate, key: key, ca: ca)
        case (nil, nil, let ca?): return TLSFiles(certificate: nil, key: nil, ca: ca)
        case (nil, _?, _): throw .missing([.tlsCertificate], reason: "tls.key is set")
        case (_?, nil, _): throw .missing([.tlsKey], reason: "tls.certificate is set")
        }
    }

    /// The look of log lines: `auto`, `json` or `text`.
    public var logFormat: String { text(.logFormat) }

    /// The lowest level that is logged, by its name in swift-log.
    public var logLevel: String { text(.logLevel) }

    /// The time a stopping server still takes requests after it has said that it is not ready.
    public var shutdownDrain: Duration { duration(.shutdownDrain) }

    /// The time a stopping server may take in all before it is forced.
    public var shutdownGrace: Duration { duration(.shutdownGrace) }

    /// The currency of all amounts.
    public var currency: String { text(.currency) }

    /// The time a saga may stay undecided before it is cancelled.
    public var sagaDeadline: Duration { duration(.sagaDeadline) }

    /// The time a saga waits for an answer before it asks again, the first time.
    public var sagaResend: Duration { duration(.sagaResend) }

    /// The interval at which sagas are looked through for those that have waited long enough.
    public var sagaSweep: Duration { duration(.sagaSweep) }

    /// The time a saga may make no progress before it is stuck.
    public var sagaStuckAfter: Duration { duration(.sagaStuckAfter) }

    /// The number of dead letters of a role that are an alarm.
    public var deadLetterLimit: Int { number(.deadLetterLimit) }

    /// The number of orders that may be undecided before new ones are refused.
    public var ordersBacklog: Int { number(.ordersBacklog) }

    /// The time that orders may wait to be decided before new ones are refused.
    public var ordersLongestWait: Duration { duration(.ordersLongestWait) }

    /// The time things are kept that are of use to operators only.
    public var retention: Retention { Retention(sagas: days(.retentionSagas), audit: days(.retentionAudit)) }

    private func required(_ setting: Setting, reason: String) throws(ConfigurationError) -> String {
        guard let value = self[setting] else { throw .missing([setting], reason: reason) }
        return value
    }
}
