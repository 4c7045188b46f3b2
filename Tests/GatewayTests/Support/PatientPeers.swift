@testable import Hosting

extension Peers.Options {
    /// Calls whose deadlines, and connections whose pings, do not end because a machine is busy: how long they take is no
    /// subject of these tests.
    static func patient(_ addresses: [Role: [HostPort]] = [:]) -> Peers.Options {
        var options = Peers.Options(addresses: addresses, deadline: .seconds(600), patience: .seconds(60))
        options.pingInterval = .seconds(601)
        options.pingPatience = .seconds(600)
        return options
    }
}
