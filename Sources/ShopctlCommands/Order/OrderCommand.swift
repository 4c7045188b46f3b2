import ArgumentParser

/// `shopctl order`
struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order",
        abstract: "Place orders, look at them, and call them off.",
        discussion: """
            'place', 'show' and 'cancel' talk gRPC to the role orders, at orders.address. They act by a token of their own, \
            short-lived and signed with the keys of auth.keys-file; or by the one in SHOPCTL_TOKEN or in the file that \
            SHOPCTL_TOKEN_FILE names. What is done by a token of their own stands in the audit trail as an operator's \
            deed. 'list', 'story' and 'watch' read the databases, whether a server runs or not.

            EXAMPLES:
              shopctl order list --buyer 3
              shopctl order place --user 3 --item 1:2 --wait
              shopctl order show 1
              shopctl order story 1
              shopctl order watch 1
              shopctl order cancel 1 --reason "asked by telephone" --wait
            """,
        subcommands: [
            OrderPlace.self, OrderList.self, OrderShow.self, OrderStory.self, OrderWatch.self, OrderCancel.self,
        ])
}
