import DevStack
import Hosting

/// What `dev up` says when everything runs. Shows no password.
struct DevBanner {
    let state: DevStackState
    let took: Duration

    /// Places worth a look, by server.
    private static let pages = ["gateway": "(/docs)", "admin": "(/console, /readyz?verbose, /metrics)"]

    func text(isUsual: Bool) -> String {
        var lines = ["", "the private shop is up, after \(Timestamp.span(took / .seconds(1)))", ""]
        func line(_ name: String, _ value: String) {
            lines.append("  \(name)\(String(repeating: " ", count: max(1, 11 - name.count)))\(value)")
        }
        for name in ["gateway", "admin"] + Role.servers.map(\.rawValue) {
            guard let url = state.services[name] else { continue }
            line(name, [url, Self.pages[name]].compactMap { $0 }.joined(separator: "  "))
        }
        if state.servers.contains(.postgres) {
            line(
                "postgres",
                "postgres://\(state.postgres.user)@\(state.postgres.host):\(state.postgres.port)/shop_<role>")
        }
        if state.servers.contains(.rabbitmq) {
            line("rabbitmq", "amqp://\(state.rabbitmq.user)@\(state.rabbitmq.host):\(state.rabbitmq.port)/%2F")
        }
        if let port = state.rabbitmq.managementPort { line("management", "http://\(state.rabbitmq.host):\(port)") }
        if state.servers.contains(.redis) { line("redis", "redis://\(state.redis.host):\(state.redis.port)/0") }
        line("data", state.directory + (state.ephemeral ? "  (deleted at the end)" : ""))
        let which = isUsual || state.ephemeral ? "" : " --data-dir \(ShellText.word(state.directory))"
        lines += [
            "", "in another terminal:",
            "  eval \"$(shopctl dev env\(which))\"",
        ]
        if state.services["gateway"] != nil {
            lines += [
                "  curl -s \"$SHOPCTL_GATEWAY_URL/api/products/toys\"",
                "  shopctl token issue --user 1 --role admin",
            ]
        }
        lines += ["Ctrl-C stops everything.", ""]
        return lines.joined(separator: "\n") + "\n"
    }
}
