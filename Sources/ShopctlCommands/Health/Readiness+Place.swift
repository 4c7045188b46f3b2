import Hosting

/// The place of the process that is asked.
extension Readiness {
    /// The origin of an address that nobody named.
    static let local = "admin.listen"

    /// The listener to ask, and what says that it is the one.
    ///
    /// - Parameter address: The one that was asked for; nil for none.
    static func whom(
        _ address: AddressArgument?, _ configuration: ShopConfiguration, _ context: CommandContext
    ) throws -> (place: HostPort, origin: String) {
        if let address { return (address.place, "--address") }
        if let announced = try announced(context) { return (announced, "SHOPCTL_ADMIN_URL") }
        return (try here(configuration.adminListenAddress), local)
    }

    /// What `dev env` says of the private shop.
    private static func announced(_ context: CommandContext) throws -> HostPort? {
        guard let url = context.environment["SHOPCTL_ADMIN_URL"], !url.isEmpty else { return nil }
        let prefix = "http://"
        guard url.hasPrefix(prefix), let place = HostPort(String(url.dropFirst(prefix.count).prefix { $0 != "/" }))
        else {
            throw CommandFailure(.badConfiguration, "SHOPCTL_ADMIN_URL must be http://host:port")
        }
        return place
    }

    /// Where a listener of this machine is asked: one that listens everywhere is also here.
    static func here(_ listen: ListenAddress) throws -> HostPort {
        guard case .on(let place) = listen else {
            throw CommandFailure(
                .badConfiguration, "admin.listen is off: there is nobody to ask", hint: "--address host:port")
        }
        switch place.host {
        case "0.0.0.0": return HostPort(host: "127.0.0.1", port: place.port)
        case "::": return HostPort(host: "::1", port: place.port)
        default: return place
        }
    }
}
