import DevStack
import TestSupport

/// The ways of one replica of every role to the servers, which can be cut and stalled.
struct ChaosLinks: Sendable {
    private let ways: [(port: Int, proxy: TCPProxy)]

    /// Opens ways to all servers of a stack.
    init(to state: DevStackState) {
        ways = [state.postgres.port, state.rabbitmq.port, state.redis.port].map { ($0, TCPProxy(to: $0)) }
    }

    /// Settings that go these ways, from settings that go straight.
    func redirect(_ settings: [String: String]) -> [String: String] {
        settings.mapValues { value in
            for (port, proxy) in ways {
                let ends = value.split(separator: "@127.0.0.1:\(port)", maxSplits: 1, omittingEmptySubsequences: false)
                if ends.count == 2 { return "\(ends[0])@127.0.0.1:\(proxy.port)\(ends[1])" }
            }
            return value
        }
    }

    /// Breaks what is connected.
    func cut(using generator: inout SeededGenerator) { ways.randomElement(using: &generator)?.proxy.cut() }

    /// Makes one way stand still, in one direction or both.
    ///
    /// - Returns: What ends it.
    func stall(using generator: inout SeededGenerator) -> @Sendable () -> Void {
        let proxy = ways[Int.random(in: 0..<ways.count, using: &generator)].proxy
        let directions: [Set<TCPProxy.Direction>] = [[.toServer], [.toClient], [.toServer, .toClient]]
        proxy.pause(directions[Int.random(in: 0..<directions.count, using: &generator)])
        return { proxy.resume() }
    }

    func close() { for way in ways { way.proxy.close() } }
}
