import Hosting

/// A seeding from the password's file to the report: by `shop seed` for any shop that serves, by `dev up --seed` for its
/// own.
struct DemoSeeding: Sendable {
    let plan: DemoPlan
    let configuration: ShopConfiguration
    /// Scheme, host and port of the gateway, without a slash at the end.
    let gateway: String
    /// The addresses of the services' RPCs.
    let addresses: [Role: [HostPort]]
    /// The file of the people's password; `-` for standard input.
    let passwordFile: String

    /// Does all that is missing.
    ///
    /// - Throws: ``CommandFailure``, `RPCError`: what was done until then stays, and is found by the next run.
    func run(showingProgress: Bool, _ context: CommandContext) async throws -> DemoReport {
        // Before anything is made: a shop that is not there gets no password file.
        let issuer = try configuration.makeTokenIssuer()
        let password = try DemoPassword.open(passwordFile, context)
        let progress = SeedProgress(total: DemoSeeder.steps(of: plan), isShown: showingProgress, context)
        defer { progress.end() }
        let accounts = DemoAccounts(gateway: gateway, password: password.text) { pause in
            progress.say("the gateway asks to wait \(pause.components.seconds) s")
        }
        let peers = try peers()
        let outcome = try await peers.withConnections {
            var seeder = DemoSeeder(plan: plan, accounts: accounts, peers: peers, issuer: issuer, progress: progress)
            do {
                return try await seeder.run()
            } catch let failure as CommandFailure where failure.code == .demoPersonTaken {
                // Nobody has the password that was made for them.
                if !seeder.hasOpened { password.withdraw() }
                throw failure
            }
        }
        return DemoReport(plan: plan, gateway: gateway, password: password, outcome: outcome)
    }

    /// Makes the checks, and nothing else.
    ///
    /// - Throws: As ``run(showingProgress:_:)``.
    func rehearse(_ context: CommandContext) async throws -> SeedRehearsal {
        _ = try configuration.makeTokenIssuer()
        let rehearsal = SeedRehearsal(
            plan: plan, gateway: gateway, passwordFile: passwordFile,
            makesFile: try DemoPassword.check(passwordFile, context))
        try await rehearsal.ask(peers())
        return rehearsal
    }

    private func peers() throws -> Peers {
        // Nobody waits for a single call: a slow machine is given time.
        try Peers(
            local: [],
            options: .init(
                addresses: addresses, deadline: max(configuration.rpcDeadline, .seconds(15)),
                tls: try configuration.tls()))
    }
}
