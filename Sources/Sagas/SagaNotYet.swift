/// A participant cannot vote on what it knows yet: something that decides the vote is still on its way.
///
/// It is no refusal. The message is handled again a little later, by itself, and nothing of it is kept.
public struct SagaNotYet: Error, Sendable, CustomStringConvertible {
    /// For the log; names what is waited for.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
