/// The batches of a consumer, without end until it is stopped or closed, or the iterating task is cancelled.
public struct DeliveryBatches: AsyncSequence, Sendable {
    public typealias Element = DeliveryBatch
    public typealias Failure = Never

    let consumer: RabbitMQConsumer

    public func makeAsyncIterator() -> Iterator { Iterator(consumer: consumer) }

    /// Takes batches. Several iterators of one consumer share its batches among them.
    public struct Iterator: AsyncIteratorProtocol {
        public typealias Element = DeliveryBatch
        public typealias Failure = Never

        let consumer: RabbitMQConsumer

        /// The next batch; `nil` after the end.
        public mutating func next() async -> DeliveryBatch? {
            await consumer.nextBatch()
        }

        /// The next batch; `nil` after the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> DeliveryBatch? {
            await consumer.nextBatch()
        }
    }
}
