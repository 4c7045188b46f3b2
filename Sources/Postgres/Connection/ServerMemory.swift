import Synchronization

/// The facts that the connections of a client tell each other about the servers.
final class ServerMemory: Sendable {
    private struct State {
        var epoch = 0
        var lastGood: String?
    }

    private let state = Mutex(State())

    /// Counts how often a server was found unable to write. A connection of an earlier epoch is made again.
    var epoch: Int { state.withLock { $0.epoch } }

    /// Notes that a server which was connected to in this epoch does not take writes: another may.
    func cannotWrite(epoch: Int) {
        state.withLock { state in
            guard state.epoch == epoch else { return }
            state.epoch += 1
            state.lastGood = nil
        }
    }

    /// Notes where a connection was made.
    func connected(to place: ConnectionPlace) {
        state.withLock { $0.lastGood = place.name }
    }

    /// The places in the order to try them: first the one where the last connection was made, so that a host which is
    /// silent is waited for once and not by every connection.
    func ordered(_ places: [ConnectionPlace]) -> [ConnectionPlace] {
        guard let name = state.withLock({ $0.lastGood }), let index = places.firstIndex(where: { $0.name == name })
        else { return places }
        return [places[index]] + places[..<index] + places[(index + 1)...]
    }
}
