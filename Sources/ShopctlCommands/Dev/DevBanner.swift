import DevStack
import Hosting

/// The text of `dev up` when everything runs. Shows no password.
struct DevBanner {
    /// The pages for people: name, the service that has it, its path there, and what to know of it.
    private static let pages: [(name: String, service: String, path: String, remark: String)] = [
        ("docs", "gateway", "/docs", ""), ("console", "admin", "/console", "  (deeds need an admin's token)"),
    ]

    let state: DevStackState
    let took: Duration
    /// The report of filling the shop, if it was filled.
    let demo: DemoReport?

    func text(isUsual: Bool) -> String {
        var lines = ["", "the private shop is up, after \(Timestamp.span(took / .seconds(1)))", ""]
        func line(_ name: String, _ value: String) {
            lines.append("  \(name)\(String(repeating: " ", count: max(1, 11 - name.count)))\(value)")
        }
        for name in ["gateway", "admin"] + Role.servers.map(\.rawValue) {
            guard let url = state.services[name] else { continue }
            line(name, name == "admin" ? "\(url)  (/readyz?verbose, /metrics)" : url)
        }
        for page in Self.pages {
            if let url = state.services[page.service] { line(page.name, url + page.path + page.remark) }
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
        if let demo, let buyer = demo.buyer {
            line("people", "\(buyer.person.email) (user \(buyer.id)), and \(demo.outcome.people.count - 1) more")
            line("password", "theirs is in \(Printable.line(demo.password.path))")
        }
        let which = isUsual || state.ephemeral ? "" : " --data-dir \(ShellText.word(state.directory))"
        lines += ["", "in another terminal:", "  eval \"$(shopctl dev env\(which))\""]
        lines += nextCommands.map { "  " + $0 }
        lines += ["Ctrl-C stops everything.", ""]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Commands to begin with, in a shell that knows where the shop is.
    private var nextCommands: [String] {
        guard state.services["gateway"] != nil else { return [] }
        guard let buyer = demo?.buyer, let product = demo?.outcome.catalogue.lazy.compactMap({ $0 }).first else {
            return [
                "curl -s \"$SHOPCTL_GATEWAY_URL/api/products/toys\"",
                "shopctl token issue --user 1 --role admin",
            ]
        }
        return [
            "shopctl product list --limit 5",
            "shopctl order place --user \(buyer.id) --item \(product):1 --wait",
            "shopctl status",
            "shopctl token issue --user \(buyer.id)",
            "shopctl token issue --user 1 --role admin",
        ]
    }
}

extension DemoReport {
    /// Somebody who has money and orders.
    fileprivate var buyer: DemoOutcome.Person? { outcome.people.first { $0.person.part == .buyer } }
}
