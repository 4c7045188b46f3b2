import ArgumentParser

/// `shopctl error`
struct ErrorCommand: ListingCommand {
    typealias Listing = ErrorListing

    static let configuration = CommandConfiguration(
        commandName: "error",
        abstract: "Explain an error by its number.",
        discussion: """
            Every error has a number, as in error[SHOP-101], which never changes its meaning. Without a number all \
            are listed.

            EXAMPLES:
              shopctl error 101
              shopctl error SHOP-101 -o json
              shopctl error
            """)

    @Argument(
        help: ArgumentHelp("The number, with SHOP- before it or not.", valueName: "number"),
        completion: .list(ErrorCode.allCases.flatMap { [$0.name, String($0.name.dropFirst(5))] }))
    var number: ErrorNumber?
    @OptionGroup var output: OutputOptions

    func run(_ context: CommandContext) async throws {
        guard let number else { return try output.write(ErrorListing(), context) }
        guard let code = ErrorCode(name: number.text) else {
            throw CommandFailure(
                .notFound, "there is no error of that number", hint: "shopctl error", object: number.text)
        }
        try output.write(ErrorReport(code: code), context)
    }
}

/// The number of an error, whether there is one or not.
struct ErrorNumber: ExpressibleByArgument, Sendable {
    let text: String

    init(argument: String) { text = argument }
}

/// One kind of error.
struct ErrorReport: Report {
    let code: ErrorCode

    var body: ReportBody { .one(code.output) }

    func table(_ style: TextStyle) -> String {
        let explanation = ErrorExplanation(code)
        return "\(style.bold(code.name)): \(explanation.title)\n\n\(explanation.text)\n"
            + explanation.next.map { "next: \($0)\n" }.joined()
    }
}

/// All kinds of errors.
struct ErrorListing: ListReport {
    var body: ReportBody { .many("errors", ErrorCode.allCases.map(\.output)) }

    static var columns: [Table.Column] { [.left("CODE"), .left("TITLE"), .left("TEXT", extra: true)] }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for code in ErrorCode.allCases {
            let explanation = ErrorExplanation(code)
            table.add(texts: [code.name, explanation.title, explanation.text])
        }
        return table.text(style)
    }
}

extension ErrorCode {
    fileprivate var output: OutputRecord {
        let explanation = ErrorExplanation(self)
        return [
            "code": .text(name), "title": .text(explanation.title), "text": .text(explanation.text),
            "next": .texts(explanation.next),
        ]
    }
}
