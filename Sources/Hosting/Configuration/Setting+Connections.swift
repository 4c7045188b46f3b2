extension Setting {
    /// The connections that listeners take, and how long clients are waited for.
    static let connections: [Setting] = [
        gatewayMaxConnections, gatewayMaxConnectionsPerClient, rpcMaxConnections, rpcMaxConnectionsPerClient,
        adminMaxConnections, gatewayIdleTimeout, gatewayHeadTimeout, gatewayBodyTimeout, gatewayAnswerTimeout,
        gatewayLowestRate,
    ]

    static let gatewayMaxConnections = Setting(
        "gateway.max-connections", .number(1...1_000_000), placeholder: "count",
        help: "Connections of clients that the gateway takes; by default what the limit on open files leaves")

    static let gatewayMaxConnectionsPerClient = Setting(
        "gateway.max-connections-per-client", .number(1...1_000_000), placeholder: "count",
        help: "Connections that one address may have at the gateway, trusted proxies aside; by default half of all")

    static let rpcMaxConnections = Setting(
        "rpc.max-connections", .number(1...1_000_000), placeholder: "count",
        help: "Connections that each gRPC listener takes; by default what the limit on open files leaves")

    static let rpcMaxConnectionsPerClient = Setting(
        "rpc.max-connections-per-client", .number(1...1_000_000), placeholder: "count",
        help: "Connections that one address may have at each gRPC listener, two a process and role; by default half of"
            + " all")

    static let adminMaxConnections = Setting(
        "admin.max-connections", .number(1...1_000_000), placeholder: "count",
        help: "Connections to the listener for health and metrics; a further one ends the oldest")

    static let gatewayIdleTimeout = Setting(
        "gateway.idle-timeout", .duration(1...3600), placeholder: "seconds", default: "75",
        help: "How long a client of the gateway may be silent between two requests")

    static let gatewayHeadTimeout = Setting(
        "gateway.head-timeout", .duration(1...3600), placeholder: "seconds", default: "15",
        help: "How long the head of a request may take from its first byte")

    static let gatewayBodyTimeout = Setting(
        "gateway.body-timeout", .duration(1...3600), placeholder: "seconds", default: "60",
        help: "How long the body of a request may take in all")

    static let gatewayAnswerTimeout = Setting(
        "gateway.answer-timeout", .duration(1...3600), placeholder: "seconds", default: "120",
        help: "How long a client may take to read an answer")

    static let gatewayLowestRate = Setting(
        "gateway.lowest-rate", .number(1...1_000_000), placeholder: "bytes",
        help: "Bytes a second below which a client is too slow, after some seconds; by default 100 for heads, else 250")
}

extension ShopConfiguration {
    /// Connections that the gateway takes; nil for what the limit on open files leaves.
    var gatewayMaxConnections: Int? { self[.gatewayMaxConnections].flatMap { Int($0) } }

    /// Connections that one address may have at the gateway; nil for a share of all.
    var gatewayMaxConnectionsPerClient: Int? { self[.gatewayMaxConnectionsPerClient].flatMap { Int($0) } }

    /// Connections that each gRPC listener takes; nil for what the limit on open files leaves.
    var rpcMaxConnections: Int? { self[.rpcMaxConnections].flatMap { Int($0) } }

    /// Connections that one address may have at each gRPC listener; nil for a share of all.
    var rpcMaxConnectionsPerClient: Int? { self[.rpcMaxConnectionsPerClient].flatMap { Int($0) } }

    /// Connections to the admin listener; nil for what the limit on open files leaves.
    var adminMaxConnections: Int? { self[.adminMaxConnections].flatMap { Int($0) } }

    var gatewayIdleTimeout: Duration { self[.gatewayIdleTimeout].flatMap(Setting.seconds) ?? .seconds(75) }
    var gatewayHeadTimeout: Duration { self[.gatewayHeadTimeout].flatMap(Setting.seconds) ?? .seconds(15) }
    var gatewayBodyTimeout: Duration { self[.gatewayBodyTimeout].flatMap(Setting.seconds) ?? .seconds(60) }
    var gatewayAnswerTimeout: Duration { self[.gatewayAnswerTimeout].flatMap(Setting.seconds) ?? .seconds(120) }

    /// Bytes a second below which a client of the gateway is too slow; nil for the usual ones.
    var gatewayLowestRate: Int? { self[.gatewayLowestRate].flatMap { Int($0) } }
}
