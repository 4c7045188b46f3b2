public import Events
public import FoundationEssentials

/// A participant's part in one saga.
public struct SagaBranch<Payload: Sendable>: Sendable {
    public let sagaID: UUID
    public let payload: Payload
}

/// The work of a service in a saga. The engine sees to the barrier, the votes and the messages; this does the work.
///
/// Every method gets all branches of a batch, in ascending order of saga id, in one transaction.
public protocol SagaParticipant: Sendable {
    associatedtype Payload: Codable & Sendable
    /// The rows read of that which is locked, kept up to date by the work of the batch.
    associatedtype Locked: Sendable = Void

    /// The saga.
    var definition: SagaDefinition { get }
    /// The name under which this service takes part.
    var name: String { get }

    /// Locks whatever the branches will touch, in id order, before anything is changed.
    ///
    /// - Parameters:
    ///   - trying: Branches that will be tried.
    ///   - settling: Branches that will be confirmed or cancelled.
    func lock(
        trying: [SagaBranch<Payload>], settling: [SagaBranch<Payload>], in work: UnitOfWork
    ) async throws -> Locked

    /// Does the work, reversibly.
    ///
    /// - Returns: A vote for each branch, in their order. A refused branch must leave no effect.
    /// - Throws: ``SagaNotYet`` while a refusal would not be certain; for failures. Neither is a refusal: it will be
    ///   tried again.
    func tryAll(
        _ branches: [SagaBranch<Payload>], locked: inout Locked, in work: UnitOfWork
    ) async throws -> [SagaVote]

    /// Makes the work of branches that were accepted final. Must not refuse.
    func confirmAll(_ branches: [SagaBranch<Payload>], locked: inout Locked, in work: UnitOfWork) async throws

    /// Takes the work of branches that were accepted back. Must not refuse.
    func cancelAll(_ branches: [SagaBranch<Payload>], locked: inout Locked, in work: UnitOfWork) async throws
}
