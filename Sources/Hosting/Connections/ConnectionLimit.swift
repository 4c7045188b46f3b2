import Metrics
public import NIOCore
import Synchronization

/// The connections of one listener: how many there may be, in all and from one client.
public final class ConnectionLimit: Sendable {
    /// The fate of a connection that is one too many.
    public enum Surplus: Sendable {
        /// It is closed at once.
        case refused
        /// The oldest one is closed in its place, for a listener whose newest caller matters most.
        case replacesOldest
    }

    private struct State {
        var count = 0
        var byClient: [NetworkAddress: Int] = [:]
        var next: UInt64 = 0
        /// Kept for ``Surplus/replacesOldest`` only, without those that are being closed.
        var open: [UInt64: any Channel] = [:]
    }

    private enum Decision {
        case admitted(UInt64, ending: (any Channel)?)
        case refused(Counter)
    }

    private let total: Int
    private let perClient: Int?
    private let exempt: [AddressRange]
    private let surplus: Surplus
    private let open: Meter
    private let refusedByTotal: Counter
    private let refusedByClient: Counter
    private let state = Mutex(State())

    /// Creates a limit without connections.
    ///
    /// - Parameters:
    ///   - listener: The listener's name in metrics.
    ///   - total: How many there may be.
    ///   - perClient: How many one client may have: an IPv4 address, or the first half of an IPv6 one; nil for no limit.
    ///   - exempt: Addresses that many clients come from, such as proxies.
    ///   - surplus: What becomes of one that is one too many in all.
    public init(
        listener: String, total: Int, perClient: Int? = nil, exempt: [AddressRange] = [], surplus: Surplus = .refused
    ) {
        self.total = total
        self.perClient = perClient
        self.exempt = exempt
        self.surplus = surplus
        open = Meter(label: "connections_open", dimensions: [("listener", listener)])
        func refusals(_ limit: String) -> Counter {
            Counter(label: "connections_refused", dimensions: [("listener", listener), ("limit", limit)])
        }
        refusedByTotal = refusals("total")
        refusedByClient = refusals("client")
    }

    /// The number of connections.
    var count: Int { state.withLock { $0.count } }

    /// Takes a place for a connection until it is closed; closes it at once if there is none.
    ///
    /// - Returns: Whether it may go on.
    public func admit(_ channel: any Channel) -> Bool {
        let client = client(of: channel)
        let decision = state.withLock { decide(&$0, channel, client) }
        switch decision {
        case .refused(let counter):
            counter.increment()
            channel.close(promise: nil)
            return false
        case .admitted(let id, let ending):
            open.increment()
            if let ending {
                refusedByTotal.increment()
                ending.close(promise: nil)
            }
            channel.closeFuture.whenComplete { [self] _ in leave(id, client) }
            return true
        }
    }

    private func decide(_ state: inout State, _ channel: any Channel, _ client: NetworkAddress?) -> Decision {
        if let client, let perClient, state.byClient[client, default: 0] >= perClient {
            return .refused(refusedByClient)
        }
        var ending: (any Channel)?
        switch surplus {
        case .refused:
            guard state.count < total else { return .refused(refusedByTotal) }
        case .replacesOldest:
            if state.open.count >= total, let oldest = state.open.keys.min() {
                ending = state.open.removeValue(forKey: oldest)
            }
        }
        state.count += 1
        state.next += 1
        if let client { state.byClient[client, default: 0] += 1 }
        if surplus == .replacesOldest { state.open[state.next] = channel }
        return .admitted(state.next, ending: ending)
    }

    private func leave(_ id: UInt64, _ client: NetworkAddress?) {
        open.decrement()
        state.withLock { state in
            state.count -= 1
            state.open[id] = nil
            guard let client, let count = state.byClient[client] else { return }
            state.byClient[client] = count > 1 ? count - 1 : nil
        }
    }

    /// Whom the connection counts for; nil for nobody.
    private func client(of channel: any Channel) -> NetworkAddress? {
        guard perClient != nil, let text = channel.remoteAddress?.ipAddress, let address = NetworkAddress(text),
            !exempt.contains(where: { $0.contains(address) })
        else { return nil }
        return address.network
    }
}

/// Applies a limit before a connection's own handlers exist: for listeners that give access to their channel.
final class ConnectionLimiter: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let limit: ConnectionLimit

    init(_ limit: ConnectionLimit) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if limit.admit(unwrapInboundIn(data)) { context.fireChannelRead(data) }
    }
}
