import ArgumentParser
import FoundationEssentials
import Hosting
import ShopProtos

extension ProductCommand {
    /// `shopctl product import`
    struct ProductImport: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Put the products of a file on sale.",
            discussion: """
                A CSV file (RFC 4180, UTF-8) names its fields in the first line: name, price, amount, category, and \
                perhaps description, photo_url, currency and user_id, the seller, for whom --seller is another way. A \
                JSONL file has an object of the same names on each line. The fields id, version, created_at and \
                updated_at of an export are not looked at.

                All or nothing is one transaction, of 1000 products and 3 MiB at most. With --keep-going the lines \
                without a fault are imported in batches, and the exit status is 3 if some were not. A fault is told \
                with its line and field; those of lines that cannot be read and those of lines that the shop refuses \
                are told together. A quote that is not closed, or a byte that is not UTF-8, spoils its own line only.

                The shop knows no name of yours for a product: a file that is imported again puts everything on sale \
                again. If no answer comes, look before doing it again; --from-line goes on behind what was done. A dry \
                run keeps nothing, but uses up ids.

                EXAMPLES:
                  shopctl product import products.csv --dry-run
                  shopctl product import products.csv --seller 2 --reason "a new seller"
                  shopctl product import big.jsonl --keep-going --from-line 401
                  zcat products.csv.gz | shopctl product import - --format csv
                """)

        @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file"), completion: .file())
        var file: String
        @Option(help: "Its form; by default that of its extension.")
        var format: ProductFileFormat?
        @Option(help: ArgumentHelp("Whose the products are that name no user_id.", valueName: "id"))
        var seller: Int64?
        @Flag(
            exclusivity: .exclusive,
            help: "Import everything or nothing (the default), or what has no fault.")
        var way = Way.allOrNothing
        @Option(help: ArgumentHelp("Begin with this line.", valueName: "line"))
        var fromLine = 1
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--all-or-nothing` and `--keep-going`.
        enum Way: String, EnumerableFlag {
            case allOrNothing, keepGoing
        }

        func validate() throws {
            guard seller ?? 1 > 0 else { throw ValidationError("--seller must be more than zero") }
            guard fromLine > 0 else { throw ValidationError("--from-line must be more than zero") }
            // One that is not there is told as that.
            let isMissing = file != "-" && !FileManager.default.fileExists(atPath: file)
            guard format ?? ProductFileFormat(path: file) != nil || isMissing else {
                throw ValidationError("\(file) does not tell its form: say --format csv or --format jsonl")
            }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let name = file == "-" ? "standard input" : file
            let lines = try ProductFile.read(
                try Descriptor.readFile(file, context), as: format ?? ProductFileFormat(path: file) ?? .csv,
                named: name, seller: seller, from: fromLine)
            if let seller { await NamedUser(id: seller, configuration: configuration).warnIfUnknown(context) }
            let sender = ProductSender(
                isDryRun: deed.dryRun, reason: deed.reason, keepsGoing: way == .keepGoing,
                inParts: UsageError.again(context.arguments, "--keep-going"), progress: ProgressBar(output, context))
            let outcome = try await sender.send(lines, name) {
                try await OperatorCaller.admin(configuration, lasting: .seconds(3600), context)
            }
            let report = ProductImportReport(
                file: name, lineCount: lines.count, isDryRun: deed.dryRun, outcome: outcome)
            try output.write(
                report, context, deed: deed.dryRun ? nil : "\(outcome.imported.count) products are on sale")
            if let error = outcome.unchecked {
                let diagnosis = Diagnosis(error)
                let reason = ([diagnosis.message].compactMap { $0 } + diagnosis.causes).joined(separator: ": ")
                context.warn("the shop's own rules were not asked about the other lines: \(Printable.line(reason))")
            }
            try report.tellOutcome()
        }
    }
}

/// The outcome of an import as results show it.
struct ProductImportReport: Report {
    let file: String
    let lineCount: Int
    let isDryRun: Bool
    let outcome: ProductSender.Outcome

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        .one([
            "file": .text(file),
            "dry_run": .bool(isDryRun),
            "products": .count(lineCount),
            "imported": .records(
                outcome.imported.map { ["line": .count($0.line), "id": .optional(isDryRun ? nil : $0.id)] }),
            "faults": .records(
                outcome.faults.map {
                    ["line": .count($0.line), "field": .text($0.fault.field), "detail": .text($0.fault.message)]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let faults = outcome.faults.map { line, fault in
            let field = fault.field == "*" ? "" : ", \(Printable.line(fault.field))"
            return "\(style.apply(.yellow, "line \(line)\(field)")): \(Printable.line(fault.message))\n"
        }
        let verb = isDryRun ? "would be put on sale" : "put on sale"
        return faults.joined() + "\(outcome.imported.count) of \(lineCount) products \(verb)\n"
    }

    /// Ends the command with the status that tells how much was done.
    func tellOutcome() throws {
        let done = outcome.imported.count
        if let failure = outcome.failure {
            let diagnosis = Diagnosis(failure)
            throw CommandFailure(
                done > 0 ? .partial : diagnosis.status,
                "it ended before its end, at line \(outcome.nextLine): look what is there, then go on with "
                    + "--from-line \(outcome.nextLine)", hint: "shopctl product list --since 5m",
                code: done > 0 ? .partial : diagnosis.code, object: file,
                causes: [diagnosis.message ?? "\(failure)"] + diagnosis.causes)
        }
        guard !outcome.faults.isEmpty else { return }
        let count = Set(outcome.faults.map(\.line)).count
        throw CommandFailure(
            done > 0 ? .partial : .badData,
            "\(count) \(count == 1 ? "line is" : "lines are") at fault" + (done > 0 ? "" : ", nothing was imported"),
            hint: "mend \(count == 1 ? "it" : "them") and import \(done > 0 ? "those lines alone" : "the file again")",
            code: .importFault, object: file)
    }
}
