import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension ProductCommand {
    /// `shopctl product export`
    struct ProductExport: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write what is on sale to a file, or to standard output.",
            discussion: """
                As 'product import' reads it. The oldest product comes first; what is put on sale meanwhile may be in \
                it or not. A file is there when it is complete, and replaces one of its name, also that which a \
                symbolic link names; a device or a pipe is written into.

                Texts are written as sellers have put them: a spreadsheet takes one that begins with =, +, - or @ for \
                a formula. Let it import the columns as text.

                EXAMPLES:
                  shopctl product export products.csv
                  shopctl product export --format jsonl --seller 2
                  shopctl product export --category toys | gzip > toys.csv.gz
                """)

        @Argument(
            help: ArgumentHelp("The file; standard output by default.", valueName: "file"), completion: .file())
        var file: String?
        @Option(help: "Its form; by default that of its extension, and csv for standard output, a device or a pipe.")
        var format: ProductFileFormat?
        @OptionGroup var filter: ProductFilter
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            // What cannot be written is told as that, and a device or a pipe has no form of its own.
            if let file, file != "-", !file.hasPrefix("/dev/"), format == nil, ProductFileFormat(path: file) == nil,
                (try? FileTarget(file, takesSpecial: true))?.isSpecial == false
            {
                throw ValidationError("\(file) does not tell its form: say --format csv or --format jsonl")
            }
            guard file != nil && file != "-" || !output.output.isForPrograms else {
                throw ValidationError(
                    "-o is for the report on a file that was written: standard output has the form of --format")
            }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let format = format ?? file.flatMap { ProductFileFormat(path: $0) } ?? .csv
            let caller = try await OperatorCaller.admin(configuration, lasting: .seconds(3600), context)
            let progress = ProgressBar(output, context)
            guard let file, file != "-" else {
                // On one terminal the bar would stand among the data.
                let bar = context.isOutputTerminal ? nil : progress
                _ = try await walk(caller, format, bar, context.standardOutput)
                return
            }
            let draft = try FileDraft(of: FileTarget(file, takesSpecial: true))
            let count: Int
            do {
                count = try await walk(caller, format, progress) { try draft.write(Array($0.utf8)) }
            } catch {
                draft.drop()
                throw error
            }
            try draft.complete()
            try output.write(
                ProductExportReport(file: file, format: format, count: count), context, deed: "\(file) is written")
        }

        /// - Returns: How many products were written.
        private func walk(
            _ caller: OperatorCaller, _ format: ProductFileFormat, _ progress: ProgressBar?,
            _ write: (String) throws -> Void
        ) async throws -> Int {
            return try await caller.calling { peers in
                var request = filter.message
                request.sort = .oldest
                request.pageSize = Int64(PagedCalls.longest)
                request.counted = progress != nil
                var count = 0
                repeat {
                    let page = try await filter.page(request, peers)
                    // What is refused writes nothing.
                    if request.cursor.isEmpty { try write(ProductFile.head(format)) }
                    try write(page.products.map { ProductFile.line($0, format) }.joined())
                    count += page.products.count
                    request.cursor = page.nextCursor
                    progress?.show(count, of: Int(page.total), "products")
                } while !request.cursor.isEmpty
                progress?.end()
                return count
            }
        }
    }
}

/// A file of products that was written.
struct ProductExportReport: Report {
    let file: String
    let format: ProductFileFormat
    let count: Int

    var body: ReportBody {
        .one(["file": .text(file), "format": .text(format.rawValue), "products": .count(count)])
    }

    func table(_ style: TextStyle) -> String {
        "\(count) \(count == 1 ? "product" : "products") written to \(Printable.line(file))\n"
    }
}
