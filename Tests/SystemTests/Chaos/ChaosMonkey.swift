import DevStack
import Hosting
import Postgres
import TestSupport

/// Lets servers, processes and links fail, one thing after another and some at once, and makes them whole again.
struct ChaosMonkey: Sendable {
    /// The kinds of failure.
    enum Failure: String, CaseIterable, Sendable {
        case killProcess, freezeProcess, killBackends, crashPostgres, crashBroker, crashRedis, cutLink, stallLink
        case slowCommits, overload
    }

    /// The undecided orders past which each process of orders refuses new ones.
    static let backlog = 60

    let shop: Shop
    let servers: PrivateServers
    let links: [ChaosLinks]
    let options: ChaosOptions
    let load: ChaosLoad

    /// Runs until the time is over; then everything works again.
    ///
    /// - Returns: How often each kind of failure was brought about.
    func run() async throws -> [Failure: Int] {
        var generator = SeededGenerator(seed: options.seed)
        var counts: [Failure: Int] = [:]
        var bag: [Failure] = []
        let end = ContinuousClock.now + options.duration
        while ContinuousClock.now < end {
            // Each kind once before any comes again.
            if bag.isEmpty { bag = Failure.allCases.shuffled(using: &generator) }
            let failure = bag.removeLast()
            counts[failure, default: 0] += 1
            try await bringAbout(failure, number: counts[failure, default: 0], &generator)
            try await Task.sleep(for: .milliseconds(Int64.random(in: 200...1500, using: &generator)))
        }
        return counts
    }

    private func bringAbout(_ failure: Failure, number: Int, _ generator: inout SeededGenerator) async throws {
        switch failure {
        case .killProcess:
            let process = shop.processes[Int.random(in: 0..<shop.processes.count, using: &generator)]
            await process.kill()
            try await stand(still: .seconds(3), &generator)
            try await process.launch()
        case .freezeProcess:
            let process = shop.processes[Int.random(in: 0..<shop.processes.count, using: &generator)]
            process.freeze()
            try await stand(still: options.longestStall, &generator)
            process.thaw()
        case .killBackends:
            _ = try? await servers.fixture.stack.postgres.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < 0.5
                """)
        case .crashPostgres: try await crash(.postgres, &generator)
        case .crashBroker: try await crash(.rabbitmq, &generator)
        case .crashRedis: try await crash(.redis, &generator)
        case .cutLink: links[Int.random(in: 0..<links.count, using: &generator)].cut(using: &generator)
        case .stallLink:
            let resume = links[Int.random(in: 0..<links.count, using: &generator)].stall(using: &generator)
            try await stand(still: options.longestStall, &generator)
            resume()
        case .slowCommits:
            // A commit takes longer, so that there is more to be lost of it.
            try await setCommitDelay(Int.random(in: 4_000...10_000, using: &generator))
            _ = try? await servers.fixture.stack.postgres.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                """)
            if Bool.random(using: &generator) { try await crash(.postgres, &generator) }
            try await setCommitDelay(0)
        case .overload: try await overload(number)
        }
    }

    /// Has a crowd order while nothing can be decided: each of the two processes of orders takes on as many as there is
    /// room for by what it knows.
    private func overload(_ number: Int) async throws {
        for process in shop.processes { try await process.awaitReady() }
        let customers = shop.processes.filter { $0.roles == [.customers] }
        for process in customers { process.freeze() }
        defer { for process in customers { process.thaw() } }
        let asked = await load.comeInACrowd(number)
        let undecided = try await shop.number(
            .orders, "SELECT count(*) FROM sagas WHERE name = 'order-placement' AND phase = 'trying'")
        // What either has begun and the other cannot see yet is more than it has room for, but not for long.
        if undecided > 3 * Self.backlog {
            load.history.violate(
                "\(undecided) orders wait after \(asked) in a crowd, in two processes with room for \(Self.backlog)")
        }
    }

    private func crash(_ server: ServerKind, _ generator: inout SeededGenerator) async throws {
        try await servers.stack.kill(server)
        try await stand(still: .seconds(3), &generator)
        try await servers.stack.start(server)
    }

    private func setCommitDelay(_ microseconds: Int) async throws {
        for statement in [
            "ALTER SYSTEM SET commit_siblings = 0", "ALTER SYSTEM SET commit_delay = \(microseconds)",
            "SELECT pg_reload_conf()",
        ] {
            try await servers.fixture.stack.postgres.execute(statement)
        }
    }

    private func stand(still longest: Duration, _ generator: inout SeededGenerator) async throws {
        try await Task.sleep(for: longest * Double.random(in: 0.05...1, using: &generator))
    }
}
