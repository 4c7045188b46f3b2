import ArgumentParser

/// `shopctl customer`
struct CustomerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customer",
        abstract: "See a customer's money and cart, and bring money onto a balance.",
        discussion: """
            Talks gRPC to the role customers, at customers.address, by a token of its own that is an admin's; or by \
            the one in SHOPCTL_TOKEN or in the file that SHOPCTL_TOKEN_FILE names. Amounts are in minor units. Who \
            has an account is told by 'user list': a user who has never had money or a cart has nothing of either.

            EXAMPLES:
              shopctl customer show 3
              shopctl customer statement 3 --since 7d
              shopctl customer cart 3
              shopctl customer top-up 3 --amount 10000 --reason "a refund by hand"
            """,
        subcommands: [CustomerShow.self, CustomerStatement.self, CustomerCart.self, CustomerTopUp.self])
}

/// The id of a customer on the command line.
struct CustomerID: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The customer's id as a user.", valueName: "id"), completion: LiveNames.accounts.completion)
    var customer: Int64

    func validate() throws {
        guard customer > 0 else { throw ValidationError("a customer's id is more than zero") }
    }
}
