/// The servers of one kind, the one that leads at first before the others.
struct ServerList: Sendable {
    let ports: [Int]

    /// A URL that names all of them, from one that names the first.
    func spread(_ url: String) -> String { url.replacing("@127.0.0.1:\(ports[0])/", with: hosts(from: 0)) }

    /// The URL with another server before the others.
    func rotate(_ url: String, by steps: Int) -> String { url.replacing(hosts(from: 0), with: hosts(from: steps)) }

    private func hosts(from first: Int) -> String {
        let names = ports.indices.map { "127.0.0.1:\(ports[($0 + first) % ports.count])" }
        return "@" + names.joined(separator: ",") + "/"
    }
}
