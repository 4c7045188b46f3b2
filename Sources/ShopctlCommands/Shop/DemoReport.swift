/// The things that a seeding has made, and who can sign in.
struct DemoReport: Report {
    let plan: DemoPlan
    let gateway: String
    let password: DemoPassword
    let outcome: DemoOutcome

    var body: ReportBody {
        .one([
            "seed": .integer(Int64(plan.seed)),
            "size": .count(plan.size),
            "gateway": .text(gateway),
            "password_file": .text(password.path),
            "people": .records(
                outcome.people.map { person in
                    [
                        "id": .integer(person.id),
                        "name": .text(person.person.name),
                        "email": .text(person.person.email),
                        "part": .text(person.person.part.rawValue),
                        "created": .bool(person.isNew),
                    ]
                }),
            "products": .record(outcome.products.output),
            "top_ups": .record(outcome.topUps.output),
            "favourites": .count(outcome.favourites),
            "cart_lines": .count(outcome.cartLines),
            "orders": .record(outcome.orders.output),
            "confirmed": .count(outcome.confirmed),
            "rejected": .count(outcome.rejected),
            "open": .count(outcome.open),
            "reviews": .count(outcome.reviews),
            "skipped": .record(outcome.skipped.output),
        ])
    }

    /// The contents, in one line.
    var summary: String {
        "products: \(outcome.products.text); orders: \(outcome.orders.text), \(outcome.confirmed) confirmed"
            + (outcome.skipped.text.map { "; \($0)" } ?? "")
    }

    func table(_ style: TextStyle) -> String {
        var table = Table([.left("SIGNS IN AS"), .left("NAME"), .left("PART"), .right("USER")])
        for person in outcome.people {
            table.add(texts: [
                person.person.email, person.person.name, person.person.part.rawValue, String(person.id),
            ])
        }
        let people = DemoOutcome.Count(
            made: outcome.people.count { $0.isNew }, found: outcome.people.count { !$0.isNew })
        return """
            demonstration \(plan.seed) of size \(plan.size) at \(Printable.line(gateway))
            people    \(people.text)
            products  \(outcome.products.text)
            orders    \(outcome.orders.text); \(outcome.confirmed) confirmed
            beside    \(outcome.favourites) favourites, \(outcome.cartLines) lines in carts, \(outcome.reviews) reviews
            \(outcome.skipped.text.map { "\($0)\n" } ?? "")
            \(table.text(style))
            all with the password in \(Printable.line(password.path))\(password.isNew ? ", which was made for it" : "")

            """
    }
}

extension DemoOutcome.Count {
    fileprivate var output: OutputRecord { ["created": .count(made), "found": .count(found)] }
    fileprivate var text: String { "\(made) made" + (found > 0 ? ", \(found) there already" : "") }
}

extension DemoOutcome.Skipped {
    var output: OutputRecord {
        ["products": .count(products), "orders": .count(orders), "reviews": .count(reviews)]
    }

    /// Nil if nothing is left out.
    var text: String? {
        guard products > 0 else { return nil }
        return "left out, since products are gone: products: \(products), orders: \(orders), reviews: \(reviews)"
    }
}
