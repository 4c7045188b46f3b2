import FoundationEssentials
import Hosting
import Testing

@testable import ShopctlCommands

/// Who may look at the console, by where its listener is and how the request names it.
@Suite struct ConsoleAccessTests {
    private let keys = SigningKeys.generate()

    private func status(
        _ listener: String, host: String, headers: [String: String] = [:], role: ShopRole? = nil
    ) async throws -> Int {
        let access = ConsoleAccess(
            verifier: try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop"))
        var headers = headers.merging(["host": host]) { own, _ in own }
        if let role {
            let issued = try await TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop")
                .issue(subject: 1, role: role, ttl: .seconds(60))
            headers["authorization"] = "Bearer \(issued.token)"
        }
        do {
            try await access.checkReader(
                AdminRequest(listener: HostPort(host: listener, port: 9000), headers: headers))
            return 200
        } catch {
            return error.code
        }
    }

    @Test(
        "On a loopback address no token is needed, whatever of its names is used",
        arguments: ["127.0.0.1:9000", "localhost:9000", "LocalHost", "[::1]:9000", "127.8.7.6"])
    func here(_ host: String) async throws {
        #expect(try await status("127.0.0.1", host: host) == 200)
        #expect(try await status("::1", host: host) == 200)
        #expect(try await status("0.0.0.0", host: host) == 401, "a listener for everybody")
    }

    @Test(
        "Another name is a page of somebody else's that leads here",
        arguments: ["", "elsewhere.example", "127.0.0.1.elsewhere.example", "localhost.example:9000", "127.0.0.256"])
    func elsewhere(_ host: String) async throws {
        #expect(try await status("127.0.0.1", host: host) == 401)
    }

    @Test("Anywhere else an admin's token opens it, and nobody else's")
    func tokens() async throws {
        #expect(try await status("0.0.0.0", host: "10.0.0.7:9000", role: .admin) == 200)
        #expect(try await status("0.0.0.0", host: "10.0.0.7:9000", role: .customer) == 403)
        #expect(try await status("0.0.0.0", host: "10.0.0.7:9000", role: .service) == 403)
        #expect(try await status("0.0.0.0", host: "x", headers: ["authorization": "Basic eDp5"]) == 401)
    }

    @Test("Another page's request is refused, whoever's token it has")
    func foreign() async throws {
        let names = ["origin": "http://elsewhere.example"]
        #expect(try await status("127.0.0.1", host: "127.0.0.1:9000", headers: names) == 403)
        #expect(try await status("0.0.0.0", host: "10.0.0.7:9000", headers: names, role: .admin) == 403)
        let site = ["sec-fetch-site": "same-site"]
        #expect(try await status("127.0.0.1", host: "127.0.0.1:9000", headers: site) == 403)
        let own = ["origin": "http://127.0.0.1:9000", "sec-fetch-site": "same-origin"]
        #expect(try await status("127.0.0.1", host: "127.0.0.1:9000", headers: own) == 200)
    }
}

/// The samples of the last hour.
@Suite struct ConsoleHistoryTests {
    @Test("No more than an hour is kept, numbers go on, and who has seen some is told the others")
    func bounded() throws {
        let history = ConsoleHistory(roles: [.orders])
        history.note(.init(ready: 3, retrying: 2, dead: 1), of: "orders")
        for _ in 0..<(ConsoleHistory.capacity + 5) { history.add(.init(at: .distantPast, seconds: 10)) }
        let all = history.report(after: 0, now: .distantPast)
        #expect(all.samples.map(\.number) == Array(6...Int64(ConsoleHistory.capacity + 5)))
        #expect(all.samples.last?.queues == ["orders": .init(ready: 3, retrying: 2, dead: 1)])
        #expect(all.absent == ["products", "customers", "reviews"])
        let last = Int64(ConsoleHistory.capacity + 5)
        #expect(history.report(after: last - 1, now: .distantPast).samples.map(\.number) == [last])
        #expect(history.report(after: last, now: .distantPast).samples.isEmpty)
        let anew = history.report(after: last + 1, now: .distantPast)
        #expect(anew.samples == all.samples, "those that were seen were another process's")
    }
}
