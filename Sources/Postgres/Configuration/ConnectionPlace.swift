import DriverSupport

/// One place to connect to: one address of one host of the URL, with all of libpq's parameters.
struct ConnectionPlace: Sendable {
    /// Tells it from the others.
    let name: String
    let parameters: [String: String]

    /// The places that the parameters name, in their order. libpq itself waits for the first silent one until all time
    /// is used up. May block while a host's name is looked up.
    static func all(_ parameters: [String: String]) -> [ConnectionPlace] {
        let hosts = list(parameters["host"])
        let addresses = list(parameters["hostaddr"])
        let ports = list(parameters["port"])
        let count = max(hosts.count, addresses.count, 1)
        // What does not match is for libpq to complain of.
        let isMatched =
            (hosts.isEmpty || hosts.count == count) && (addresses.isEmpty || addresses.count == count)
            && (ports.count <= 1 || ports.count == count)
        guard isMatched else { return [ConnectionPlace(name: "", parameters: parameters)] }
        let places = (0..<count).flatMap { index -> [ConnectionPlace] in
            var one = parameters
            one["host"] = hosts.isEmpty ? nil : hosts[index]
            one["hostaddr"] = addresses.isEmpty || addresses[index].isEmpty ? nil : addresses[index]
            one["port"] = ports.count > 1 ? ports[index] : ports.first
            guard one["hostaddr"] == nil, let host = one["host"], !host.isEmpty else { return [place(one)] }
            let resolved = resolve(host)
            if resolved.isEmpty { return [place(one)] }
            return resolved.map { address in
                var known = one
                known["hostaddr"] = address
                return place(known)
            }
        }
        // A standby is looked for everywhere before anything else will do.
        guard parameters["target_session_attrs"] == "prefer-standby" else { return places }
        return ["standby", "any"].flatMap { wanted in
            places.map { place in
                var parameters = place.parameters
                parameters["target_session_attrs"] = wanted
                return ConnectionPlace(name: "\(place.name) \(wanted)", parameters: parameters)
            }
        }
    }

    private static func place(_ parameters: [String: String]) -> ConnectionPlace {
        let parts = ["host", "hostaddr", "port"].map { parameters[$0] ?? "" }
        return ConnectionPlace(name: parts.joined(separator: " "), parameters: parameters)
    }

    private static func list(_ text: String?) -> [String] {
        guard let text, !text.isEmpty else { return [] }
        return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// The addresses of a host's name; none for a socket's path, and for what cannot be found.
    private static func resolve(_ host: String) -> [String] {
        if host.hasPrefix("/") || host.hasPrefix("@") { return [] }
        // All of them, as libpq would try them; and without shares of a common time: `connectTimeout` is for each.
        guard let found = try? SocketAddress.resolve(host: host, .all) else { return [] }
        var addresses: [String] = []
        for case let address? in found.map(\.numericHost) where !addresses.contains(address) {
            addresses.append(address)
        }
        return addresses
    }
}
