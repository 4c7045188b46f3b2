import DevStack
import TestSupport

/// The ways of a cluster's broker nodes to each other, on which a node can be cut off.
///
/// Each node's own port mapper says of every other node that it listens where a proxy does. No rights of root are
/// needed, and a cut is one as in a network: nothing is refused, and nothing arrives.
struct BrokerLinks: Sendable {
    private struct Link: Sendable {
        let ends: Set<Int>
        let proxy: TCPProxy
        let entry: PortMapperEntry
    }

    private let links: [Link]

    init(between nodes: [DevStackState]) throws {
        var links: [Link] = []
        for (from, node) in nodes.enumerated() {
            for (to, other) in nodes.enumerated() where to != from {
                let proxy = TCPProxy(to: other.rabbitmq.distributionPort)
                let name = other.rabbitmq.nodeName.prefix { $0 != "@" }
                let entry = try PortMapperEntry(String(name), at: proxy.port, in: node.rabbitmq.epmdPort)
                links.append(Link(ends: [from, to], proxy: proxy, entry: entry))
            }
        }
        self.links = links
    }

    /// Lets nothing pass between a node and the others; clients still reach it.
    func cutOff(_ node: Int) { for link in links where link.ends.contains(node) { link.proxy.pause() } }

    /// Lets everything pass again.
    func heal() { for link in links { link.proxy.resume() } }

    func close() { for link in links { link.proxy.close() } }
}
