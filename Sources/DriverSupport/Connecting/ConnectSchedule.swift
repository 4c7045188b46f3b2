/// The addresses that one attempt to connect goes through: those of every host in turn, each with its share of the time
/// that is left, so that one which says nothing does not use it up.
package struct ConnectSchedule<Address, Failure: Error> {
    /// An address to try, of the host with this place in the list, until the deadline.
    package typealias Turn = (host: Int, address: Address, deadline: MonotonicTime)

    private var candidates: ArraySlice<(host: Int, address: Address)> = []
    private var reasons: [Int: Failure] = [:]
    private var current = 0
    private let end: MonotonicTime
    private let shortestShare: Duration

    /// Begins; what was needed to find the addresses does not shorten the time for them.
    ///
    /// - Parameters:
    ///   - hosts: Every host's addresses, or why there are none.
    ///   - turn: Which host is tried first, counted round and round.
    ///   - shortestShare: However little time is left, an address gets this long.
    package init(_ hosts: [Result<[Address], Failure>], turn: Int, within limit: Duration, shortestShare: Duration) {
        end = .now + limit
        self.shortestShare = shortestShare
        var found: [(host: Int, address: Address)] = []
        for offset in hosts.indices {
            let host = (turn + offset) % hosts.count
            switch hosts[host] {
            case .success(let addresses): found += addresses.map { (host, $0) }
            case .failure(let reason): reasons[host] = reason
            }
        }
        candidates = found[...]
    }

    /// The address whose turn it is; nil when none is left.
    package mutating func next() -> Turn? {
        guard let (host, address) = candidates.popFirst() else { return nil }
        current = host
        let share = end.fromNow / (candidates.count + 1)
        return (host, address, .now + max(share, shortestShare))
    }

    /// Notes why the address that ``next()`` gave last was of no use.
    package mutating func failed(_ reason: Failure) {
        reasons[current] = reason
    }

    /// The reason why each host's last address was of no use; in the hosts' order, so that a text made of it stays the
    /// same while they take turns.
    package var failures: [(host: Int, reason: Failure)] {
        reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
