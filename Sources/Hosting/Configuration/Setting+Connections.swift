extension Setting {
    /// The connections that listeners take, and how long clients are waited for.
    static let connections: [Setting] = [
        gatewayMaxConnections, gatewayMaxConnectionsPerClient, rpcMaxConnections, rpcMaxConnectionsPerClient,
        adminMaxConnections, gatewayIdleTimeout, gatewayHeadTimeout, gatewayBodyTimeout, gatewayAnswerTimeout,
        gatewayLowestRate,
    ]

    static let gatewayMaxConnections = Setting(
        "gateway.max-connections", .many, placeholder: "count",
        help: "Connections of clients that the gateway takes; by default what the limit on open files leaves")

    static let gatewayMaxConnectionsPerClient = Setting(
        "gateway.max-connections-per-client", .many, placeholder: "count",
        help: "Connections that one address may have at the gateway, trusted proxies aside; by default half of all")

    static let rpcMaxConnections = Setting(
        "rpc.max-connections", .many, placeholder: "count",
        help: "Connections that each gRPC listener takes; by default what the limit on open files leaves")

    static let rpcMaxConnectionsPerClient = Setting(
        "rpc.max-connections-per-client", .many, placeholder: "count",
        help: "Connections that one address may have at each gRPC listener, two a process and role; by default half of"
            + " all")

    static let adminMaxConnections = Setting(
        "admin.max-connections", .many, placeholder: "count",
        help: "Connections to the listener for health and metrics; a further one ends the oldest")

    static let gatewayIdleTimeout = Setting(
        "gateway.idle-timeout", .clientWait, placeholder: "seconds", default: "75",
        help: "How long a client of the gateway may be silent between two requests")

    static let gatewayHeadTimeout = Setting(
        "gateway.head-timeout", .clientWait, placeholder: "seconds", default: "15",
        help: "How long the head of a request may take from its first byte")

    static let gatewayBodyTimeout = Setting(
        "gateway.body-timeout", .clientWait, placeholder: "seconds", default: "60",
        help: "How long the body of a request may take in all")

    static let gatewayAnswerTimeout = Setting(
        "gateway.answer-timeout", .clientWait, placeholder: "seconds", default: "120",
        help: "How long a client may take to read an answer")

    static let gatewayLowestRate = Setting(
        "gateway.lowest-rate", .many, placeholder: "bytes",
        help: "Bytes a second below which a client is too slow, after some seconds; by default "
            + "\(HTTPLimits.headRate) for heads, else \(HTTPLimits.otherRate)")
}

extension ShopConfiguration {
    /// Connections that the gateway takes; nil for what the limit on open files leaves.
    var gatewayMaxConnections: Int? { numberIfSet(.gatewayMaxConnections) }

    /// Connections that one address may have at the gateway; nil for a share of all.
    var gatewayMaxConnectionsPerClient: Int? { numberIfSet(.gatewayMaxConnectionsPerClient) }

    /// Connections that each gRPC listener takes; nil for what the limit on open files leaves.
    var rpcMaxConnections: Int? { numberIfSet(.rpcMaxConnections) }

    /// Connections that one address may have at each gRPC listener; nil for a share of all.
    var rpcMaxConnectionsPerClient: Int? { numberIfSet(.rpcMaxConnectionsPerClient) }

    /// Connections to the admin listener; nil for what the limit on open files leaves.
    var adminMaxConnections: Int? { numberIfSet(.adminMaxConnections) }

    var gatewayIdleTimeout: Duration { duration(.gatewayIdleTimeout) }
    var gatewayHeadTimeout: Duration { duration(.gatewayHeadTimeout) }
    var gatewayBodyTimeout: Duration { duration(.gatewayBodyTimeout) }
    var gatewayAnswerTimeout: Duration { duration(.gatewayAnswerTimeout) }

    /// Bytes a second below which a client of the gateway is too slow; nil for the usual ones.
    var gatewayLowestRate: Int? { numberIfSet(.gatewayLowestRate) }
}
