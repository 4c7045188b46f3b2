public import GRPCCore

/// A service with methods that end by themselves soon, whatever they wait for.
///
/// A call of one goes on to its end when nobody waits for its answer any more: a call that can be given up has a second
/// task (``WantedWork``), which costs more than there is to save.
public protocol BriefService: RegistrableRPCService {
    var briefMethods: [MethodDescriptor] { get }
}
