import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension ReviewCommand {
    /// `shopctl review delete`
    struct ReviewDelete: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete a review.",
            discussion: """
                It no longer counts in the product's rating; its author may write another. Who deleted it and why is \
                kept in the audit trail, and what it said in the reviews' history.

                EXAMPLES:
                  shopctl review delete 1 --reason "an insult" --dry-run
                  shopctl review delete 1 --reason "an insult"
                """)

        @Argument(help: ArgumentHelp("The review's id.", valueName: "id"), completion: LiveNames.reviews.completion)
        var review: Int64
        @OptionGroup var because: DeedReason
        @Flag(help: "Only make the checks.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard review > 0 else { throw ValidationError("a review's id is more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let request = Reviews_DeleteReviewRequest.with {
                $0.id = review
                $0.reason = because.reason
            }
            _ = try await caller.calling { peers in
                dryRun
                    ? try await peers.reviews.checkDeleteReview(request, options: OperatorCaller.usual)
                    : try await peers.reviews.deleteReview(request, options: OperatorCaller.usual)
            }
            try output.write(
                DeletedReview(id: review, isDryRun: dryRun), context, deed: dryRun ? nil : "review \(review) is deleted"
            )
        }
    }
}

/// A review that was deleted, or would be.
struct DeletedReview: Report {
    let id: Int64
    let isDryRun: Bool

    var body: ReportBody { .one(["id": .integer(id), "dry_run": .bool(isDryRun)]) }

    func table(_ style: TextStyle) -> String {
        isDryRun ? "review \(id) would be deleted; nothing was done\n" : "review \(id) is deleted\n"
    }
}
