public import ServiceContextModule

/// A request and its place in a trace. They come together, and are looked up together for each log line.
private struct Origin: Sendable {
    var requestID: String?
    var trace: TraceContext?
}

private enum OriginKey: ServiceContextKey {
    typealias Value = Origin
    static var nameOverride: String? { "origin" }
}

extension ServiceContext {
    /// The W3C trace context of the work at hand.
    public var traceContext: TraceContext? {
        get { self[OriginKey.self]?.trace }
        set { setOrigin(requestID: requestID, trace: newValue) }
    }

    /// The id of the customer's request the work belongs to.
    public var requestID: String? {
        get { self[OriginKey.self]?.requestID }
        set { setOrigin(requestID: newValue, trace: traceContext) }
    }

    /// The two of them.
    var origin: (requestID: String?, trace: TraceContext?) {
        let origin = self[OriginKey.self]
        return (origin?.requestID, origin?.trace)
    }

    /// Sets ``requestID`` and ``traceContext`` at once.
    public mutating func setOrigin(requestID: String?, trace: TraceContext?) {
        self[OriginKey.self] = Origin(requestID: requestID, trace: trace)
    }
}
