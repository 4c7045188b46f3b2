import Accounts
import Hosting
import ShopProtos

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
            var seeder = DemoSeeder(plan: plan, peers: peers, issuer: issuer, progress: progress) { person in
                let (id, isNew) = try await accounts.open(person)
                return (id, isNew)
            }
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

    /// Makes the checks, looks for what is there, and does nothing.
    ///
    /// - Throws: As ``run(showingProgress:_:)``.
    func rehearse(showingProgress: Bool, _ context: CommandContext) async throws -> SeedRehearsal {
        let issuer = try configuration.makeTokenIssuer()
        let password = try DemoPassword.check(passwordFile, context)
        try await DemoAccounts.check(gateway: gateway)
        let known = await knownPeople(context)
        let progress = SeedProgress(total: DemoSeeder.steps(of: plan), isShown: showingProgress, context)
        defer { progress.end() }
        let accounts = password.map { password in
            DemoAccounts(gateway: gateway, password: password.text) { pause in
                progress.say("the gateway asks to wait \(pause.components.seconds) s")
            }
        }
        let peers = try peers()
        let outcome = try await peers.withConnections { () -> DemoOutcome? in
            guard let known else {
                _ = try await peers.products.getCategories(.init(), options: OperatorCaller.usual)
                return nil
            }
            var seeder = DemoSeeder(
                plan: plan, peers: peers, issuer: issuer, progress: progress, isRehearsal: true
            ) { person in
                guard let id = known[person.email] else { return (nil, true) }
                // Nobody has the password of a file that would be made.
                guard let accounts else { throw DemoAccounts.taken(person) }
                try await accounts.verify(person)
                return (id, false)
            }
            return try await seeder.run()
        }
        return SeedRehearsal(
            plan: plan, gateway: gateway, passwordFile: passwordFile, makesFile: password == nil, outcome: outcome)
    }

    /// The ids of a demonstration's people who have accounts, by their addresses; nil where the gateway's database cannot
    /// be asked: by REST nobody finds an account without opening one.
    private func knownPeople(_ context: CommandContext) async -> [String: Int64]? {
        do {
            let users = try await UserCommand.withDirectory(configuration) { directory in
                try await directory.list(.init(emailPart: "@" + DemoWords.domain), limit: Int(Int32.max))
            }
            return Dictionary(users.map { ($0.email.lowercased(), $0.id) }) { first, _ in first }
        } catch {
            context.note("what is there could not be asked: \(Diagnosis(error).message ?? "\(error)")")
            return nil
        }
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
