import GRPCCore

/// The parts of the answer to a call of a method that writes; notes a refusal, and says of an answer that breaks off that
/// the outcome is not known.
struct AnsweredParts<Message: Sendable>: AsyncSequence, Sendable {
    typealias Element = StreamingClientResponse<Message>.Contents.BodyPart
    typealias Failure = any Error

    let base: RPCAsyncSequence<Element, any Error>
    let sent: SentCalls

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), sent: sent) }

    struct Iterator: AsyncIteratorProtocol {
        typealias Element = AnsweredParts.Element
        typealias Failure = any Error

        var base: RPCAsyncSequence<Element, any Error>.AsyncIterator
        let sent: SentCalls

        mutating func next() async throws -> Element? { try await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            do {
                return try await base.next(isolation: actor)
            } catch let error as RPCError {
                if let unknown = error.ofUnknownOutcome { throw unknown }
                sent.takeBack()
                throw error
            }
        }
    }
}
