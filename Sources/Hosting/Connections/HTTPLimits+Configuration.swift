extension HTTPLimits {
    /// The limits that the process's settings give.
    public init(_ configuration: ShopConfiguration) {
        self.init()
        idle = configuration.gatewayIdleTimeout
        head = Pace(configuration.gatewayHeadTimeout, like: head, configuration)
        body = Pace(configuration.gatewayBodyTimeout, like: body, configuration)
        answer = Pace(configuration.gatewayAnswerTimeout, like: answer, configuration)
    }

    /// For clients that are programs nearby, such as orchestrators.
    public static var nearby: HTTPLimits {
        var limits = HTTPLimits()
        limits.idle = .seconds(30)
        limits.head.total = .seconds(5)
        limits.body = Pace(total: .seconds(5), grace: .seconds(5), bytesPerSecond: 1000)
        limits.answer = Pace(total: .seconds(30), grace: .seconds(5), bytesPerSecond: 1000)
        limits.requestBytes = 128 << 10
        limits.pipelined = 4
        return limits
    }
}

extension Pace {
    fileprivate init(_ total: Duration, like other: Pace, _ configuration: ShopConfiguration) {
        self = other
        self.total = total
        grace = min(grace, total)
        bytesPerSecond = configuration.gatewayLowestRate ?? bytesPerSecond
    }
}
