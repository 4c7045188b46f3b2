@testable import Hosting

extension Peers.Options {
    /// The same without pings: on a busy machine their answers may be late, and with a connection all its calls end.
    func withoutPings() -> Self {
        var options = self
        options.pingInterval = .seconds(3600)
        options.pingPatience = .seconds(3500)
        return options
    }
}
