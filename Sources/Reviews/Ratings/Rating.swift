import ShopProtos
import SwiftProtobuf

/// The sum of a product's reviews.
struct Rating: Sendable, Equatable {
    /// Of a product without reviews.
    static let none = Rating(count: 0, sum: 0)

    /// The number of reviews.
    let count: Int64
    /// Of their evaluations.
    let sum: Int64

    /// 0 while there is no review.
    var average: Float { count == 0 ? 0 : Float(Double(sum) / Double(count)) }

    var message: Reviews_GetAverageEvaluationResponse {
        .with {
            $0.average = average
            $0.count = count
            $0.sum = sum
        }
    }
}
