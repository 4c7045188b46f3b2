import DevStack
import Hosting

extension DevShop {
    /// Fills the shop, which serves, with a small demonstration. What is there of it from an earlier start is found, and
    /// not made again.
    ///
    /// - Parameter addresses: Where the roles serve, by role.
    /// - Throws: ``CommandFailure``, `RPCError`.
    func fill(at addresses: [String: String], _ configuration: ShopConfiguration) async throws -> DemoReport {
        guard let gateway = addresses[Role.gateway.rawValue] else {
            throw CommandFailure(.badConfiguration, "a demonstration needs a gateway: gateway.listen is off")
        }
        let directory = stack.directory
        let seeding = DemoSeeding(
            plan: DemoPlan(seed: 1, size: ShopCommand.ShopSeed.Size.small), configuration: configuration,
            gateway: "http://\(gateway)",
            addresses: Role.servers.reduce(into: [:]) { found, role in
                found[role] = addresses[role.rawValue].flatMap { HostPort($0) }.map { [$0] }
            },
            passwordFile: DemoPassword.path(in: directory))
        do {
            let report = try await seeding.run(showingProgress: true, context)
            context.note("the demonstration is there: \(report.summary)")
            return report
        } catch let failure as CommandFailure where failure.code == .demoPersonTaken {
            throw CommandFailure(
                failure.status, failure.message,
                hint: "the first start's password into \(ShellText.word(DemoPassword.path(in: directory))), or "
                    + "shopctl dev reset --data-dir \(ShellText.word(directory))",
                code: failure.code, object: failure.object)
        }
    }
}
