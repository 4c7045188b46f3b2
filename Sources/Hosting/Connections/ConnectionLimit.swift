import Metrics
public import NIOCore
import Synchronization

/// The connections of one listener: how many there may be, in all and from one client.
public final class ConnectionLimit: Sendable {
    /// The fate of a connection that is one too many.
    public enum Surplus: Sendable {
        /// It is closed at once.
        case refused
        /// The oldest one is closed in its place, the client's own if it has as many as it may, for a listener whose
        /// newest caller matters most.
        case replacesOldest
    }

    private struct State {
        var count = 0
        /// With ``Surplus/replacesOldest`` without those that are being closed; nil for no limit.
        var clients: ClientCounts?
        var next: UInt64 = 0
        /// Kept for ``Surplus/replacesOldest`` only, without those that are being closed.
        var open: [UInt64: (channel: any Channel, networks: [ClientNetwork])] = [:]
    }

    private enum Decision {
        case admitted(UInt64, ending: (channel: any Channel, Counter)?)
        case refused(Counter)
    }

    private let total: Int
    private let exempt: [AddressRange]
    private let surplus: Surplus
    private let open: Meter
    private let refusedByTotal: Counter
    private let refusedByClient: Counter
    private let state: Mutex<State>

    /// Creates a limit without connections.
    ///
    /// - Parameters:
    ///   - listener: The listener's name in metrics.
    ///   - total: How many there may be.
    ///   - perClient: How many one client may have: an IPv4 address, or the first half of an IPv6 one; what a /56 and a
    ///     /48 of IPv6 may have follows from it. Nil for no limit.
    ///   - exempt: Addresses that many clients come from, such as proxies.
    ///   - surplus: What becomes of one that is one too many in all.
    public init(
        listener: String, total: Int, perClient: Int? = nil, exempt: [AddressRange] = [], surplus: Surplus = .refused
    ) {
        self.total = total
        self.exempt = exempt
        self.surplus = surplus
        state = Mutex(State(clients: perClient.map { ClientCounts(total: total, perClient: $0) }))
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
        let networks = networks(of: channel)
        let decision = state.withLock { decide(&$0, channel, networks) }
        switch decision {
        case .refused(let counter):
            counter.increment()
            channel.close(promise: nil)
            return false
        case .admitted(let id, let ending):
            open.increment()
            if let ending {
                ending.1.increment()
                ending.channel.close(promise: nil)
            }
            channel.closeFuture.whenComplete { [self] _ in leave(id, networks) }
            return true
        }
    }

    private func decide(_ state: inout State, _ channel: any Channel, _ networks: [ClientNetwork]) -> Decision {
        let full = state.clients?.full(among: networks)
        var ending: (channel: any Channel, Counter)?
        switch surplus {
        case .refused:
            guard full == nil else { return .refused(refusedByClient) }
            guard state.count < total else { return .refused(refusedByTotal) }
        case .replacesOldest:
            let replaceable = full.map { full in state.open.filter { $0.value.networks.contains(full) } } ?? state.open
            if full != nil || state.open.count >= total, let oldest = replaceable.keys.min(),
                let replaced = state.open.removeValue(forKey: oldest)
            {
                state.clients?.leave(replaced.networks)
                ending = (replaced.channel, full == nil ? refusedByTotal : refusedByClient)
            }
        }
        state.count += 1
        state.next += 1
        state.clients?.enter(networks)
        if surplus == .replacesOldest { state.open[state.next] = (channel, networks) }
        return .admitted(state.next, ending: ending)
    }

    private func leave(_ id: UInt64, _ networks: [ClientNetwork]) {
        open.decrement()
        state.withLock { state in
            state.count -= 1
            // One that was replaced is not counted any more.
            let isOpen = state.open.removeValue(forKey: id) != nil
            if isOpen || surplus == .refused { state.clients?.leave(networks) }
        }
    }

    /// Whom the connection counts for; empty for nobody.
    private func networks(of channel: any Channel) -> [ClientNetwork] {
        guard let text = channel.remoteAddress?.ipAddress, let address = NetworkAddress(text),
            !exempt.contains(where: { $0.contains(address) })
        else { return [] }
        return address.networks
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
