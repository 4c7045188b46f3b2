import GRPCCore
import Synchronization

/// The client of one service: of another process by a transport, with what certainly came to nothing made anew, and of this
/// process directly, where a call's message and answer are handed over as they are.
///
/// The rules of calls over the wire hold within the process: the frames of ``ClientCallInterceptor`` and
/// ``ServerCallInterceptor``, the deadline, the caller's going. Nothing is written to bytes and read again, so no limit on
/// a message's size applies.
final class ServiceClient<Service: Sendable>: Sendable {
    /// None for a role of another process, or one that nobody has told the address of.
    private let calls: DirectCalls?
    /// The time a call may take that does not say otherwise.
    private let deadline: Duration
    /// Looked up once: the services of a role do not change.
    private let service = Mutex<Service?>(nil)
    private let repetition: CallRepetition

    init(_ calls: DirectCalls?, deadline: Duration, patience: Duration) {
        self.calls = calls
        self.deadline = deadline
        self.repetition = CallRepetition(deadline: deadline, patience: patience)
    }

    /// Calls a method with one message and one answer.
    ///
    /// - Parameter otherwise: Makes the call by a transport: to another process, and for a role without an address, or one
    ///   whose service of that name has only its methods registered, or is not there.
    func unary<Input: Sendable, Output: Sendable, Result: Sendable>(
        _ request: ClientRequest<Input>, _ method: MethodDescriptor, _ options: CallOptions,
        _ handleResponse: @Sendable (ClientResponse<Output>) async throws -> Result,
        _ handle:
            @escaping @Sendable (Service, ServerRequest<Input>, ServerContext) async throws -> ServerResponse<Output>,
        otherwise: (CallOptions) async throws -> Result
    ) async throws -> Result {
        guard let calls else { return try await repetition.run(options, otherwise) }
        // What was given up before is not sent.
        if Task.isCancelled { throw RPCError.callerCancelled }
        let deadline = ContinuousClock.now + (options.timeout ?? self.deadline)
        let origin = CallOrigin(ofRunningTask: request.metadata, deadline: deadline)
        let work = DirectWork<Output>()
        let (endpoint, number) = try await begin(work, calls, method, deadline)
        guard let service = service(of: endpoint) else {
            calls.answered(work)
            calls.ended(number)
            return try await otherwise(options)
        }
        let response = await withTaskCancellationHandler {
            // A caller that is cancelled, or out of time, already has its answer: the call is not sent.
            guard !work.isAnswered else {
                calls.ended(number)
                return await work.answer
            }
            let frame = ClientCall(method)
            let request = ServerRequest(metadata: request.metadata, message: request.message)
            work.start {
                work.settle(
                    await Self.answer(endpoint, method, origin) { try await handle(service, request, $0) })
                calls.ended(number)
            }
            return frame.finish(await work.answer)
        } onCancel: {
            work.giveUp(.callerCancelled)
        }
        calls.answered(work)
        return try await handleResponse(response)
    }

    /// Begins a call, once its server serves.
    ///
    /// - Throws: `RPCError` if that is not so by the deadline or not any more, or the caller is cancelled; it was not sent.
    private func begin(
        _ work: any DirectCall, _ calls: DirectCalls, _ method: MethodDescriptor, _ deadline: ContinuousClock.Instant
    ) async throws -> (DirectCalls.Endpoint, UInt64) {
        while true {
            switch calls.begin(work, deadline: deadline) {
            case .open(let endpoint, let number):
                return (endpoint, number)
            case .early(let waiting):
                let sent = CallContext.current?.sent
                sent?.beginWaiting()
                try await Self.wait(for: waiting, until: deadline)
                sent?.endWaiting()
            case .late:
                let service = method.service.fullyQualifiedService
                throw RPCError(code: .unavailable, message: "\(service) is not served any more")
            }
        }
    }

    private static func wait(for end: AsyncStream<Never>, until deadline: ContinuousClock.Instant) async throws {
        let isInTime = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in end {}
                return true
            }
            group.addTask {
                try? await Task.sleep(until: deadline, tolerance: .zero, clock: .continuous)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        if Task.isCancelled { throw RPCError.callerCancelled }
        if !isInTime { throw RPCError.outOfTime }
    }

    /// The handler's side of a call.
    private static func answer<Output: Sendable>(
        _ endpoint: DirectCalls.Endpoint, _ method: MethodDescriptor, _ origin: CallOrigin,
        _ handle: @Sendable (ServerContext) async throws -> ServerResponse<Output>
    ) async -> ClientResponse<Output> {
        await withServerContextRPCCancellationHandle { cancellation in
            let context = ServerContext(
                descriptor: method, remotePeer: "in-process", localPeer: "in-process", cancellation: cancellation)
            return await withTaskCancellationHandler {
                await endpoint.interceptor.answer(method, from: origin) { try await handle(context) }
            } onCancel: {
                cancellation.cancel()
            }
        }
    }

    private func service(of endpoint: DirectCalls.Endpoint) -> Service? {
        service.withLock { service in
            if service == nil { service = endpoint.services.lazy.compactMap { $0 as? Service }.first }
            return service
        }
    }
}
