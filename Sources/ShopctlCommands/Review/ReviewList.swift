import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension ReviewCommand {
    /// `shopctl review list`
    struct ReviewList: ListingCommand {
        typealias Listing = ReviewListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List reviews, the latest first.",
            discussion: """
                Those of products that are being deleted are not shown to anybody. --since and --until are about when a \
                review was first written.

                EXAMPLES:
                  shopctl review list
                  shopctl review list --product 2 --sort id
                  shopctl review list --user 3 --since 1d -o jsonl
                """)

        @Option(
            help: ArgumentHelp("Only of this product.", valueName: "id"), completion: LiveNames.products.completion)
        var product: Int64?
        @Option(help: ArgumentHelp("Only by this user.", valueName: "id"))
        var user: Int64?
        @Option(parsing: .unconditional, help: "The order; a dash puts the latest first.")
        var sort = IDSort.descending
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard product ?? 1 > 0 else { throw ValidationError("--product must be more than zero") }
            guard user ?? 1 > 0 else { throw ValidationError("--user must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let paged = list.paged(
                "review list", sort: sort.rawValue, [product.map(String.init), user.map(String.init)])
            let cursor = try list.innerCursor(of: paged)
            try await list.watching(context, output) { context in
                var request = Reviews_SearchReviewsRequest()
                request.productID = product ?? 0
                request.userID = user ?? 0
                request.ascending = sort.isAscending
                if let since = list.sinceMicroseconds(context.now()) { request.since = since }
                if let until = list.untilMicroseconds(context.now()) { request.until = until }
                let asked = request
                let (reviews, page) = try await caller.page(list.limit, from: cursor, of: paged) {
                    peers, size, cursor in
                    var request = asked
                    request.pageSize = size
                    request.cursor = cursor
                    let page = try await peers.reviews.searchReviews(request, options: OperatorCaller.usual)
                    return (page.reviews, page.nextCursor, page.total)
                }
                try output.write(ReviewListing(reviews: reviews, page: page), context)
            }
        }
    }
}

/// Reviews, a line each.
struct ReviewListing: ListReport {
    let reviews: [Reviews_Review]
    let page: Page?

    var body: ReportBody {
        .many(
            "reviews",
            reviews.map { review in
                [
                    "id": .integer(review.id),
                    "product_id": .integer(review.productID),
                    "user_id": .integer(review.userID),
                    "evaluation": .integer(review.evaluation),
                    "text": .text(review.text),
                    "verified_purchase": .bool(review.verifiedPurchase),
                    "created_at": .text(review.createdAt),
                    "updated_at": .text(review.updatedAt),
                ]
            })
    }

    static var columns: [Table.Column] {
        [
            .right("ID"), .right("PRODUCT", "product_id"), .right("USER", "user_id"), .right("EVALUATION"),
            .left("BOUGHT", "verified_purchase"), .left("WRITTEN", "created_at"),
            .left("EDITED", "updated_at", extra: true), .left("TEXT", vital: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for review in reviews {
            table.add([
                .plain(String(review.id)), .plain(String(review.productID)), .plain(String(review.userID)),
                .styled(String(review.evaluation), review.evaluation <= 2 ? .yellow : .none),
                .plain(review.verifiedPurchase ? "yes" : "no"), .time(text: review.createdAt),
                .time(text: review.updatedAt),
                .plain(review.text),
            ])
        }
        return table.text(style)
    }
}
