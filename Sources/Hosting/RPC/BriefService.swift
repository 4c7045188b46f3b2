public import GRPCCore

/// A service with methods that end by themselves soon, whatever they wait for.
///
/// A call of one goes on to its end when nobody waits for its answer any more: a call that can be given up has a second
/// task (``WantedWork``), which costs more than there is to save.
public protocol BriefService: RegistrableRPCService {
    var briefMethods: [MethodDescriptor] { get }
}

extension RoleContext {
    /// The services of a role that answers some methods from Redis.
    ///
    /// In this order: the second takes methods of the first over. Without Redis the first reads the database for its caller
    /// alone, and stops when the caller has gone.
    public func services(
        _ service: any RegistrableRPCService, fromRedis brief: some BriefService
    ) -> [any RegistrableRPCService] {
        redis == nil ? [service] : [service, brief]
    }
}
