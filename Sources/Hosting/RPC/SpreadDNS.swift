import GRPCCore
import GRPCNIOTransportHTTP2

/// A host name all of whose addresses are used in turn.
///
/// The transport's own target for names takes the addresses of one name for several ways to the same server, so that
/// one replica gets all calls.
struct SpreadDNS: ResolvableTarget {
    var hosts: [HostPort]
}

/// Resolves the names of a ``SpreadDNS`` by the transport's own resolver and makes each address an endpoint.
struct SpreadDNSFactory: NameResolverFactory {
    func resolver(for target: SpreadDNS) -> NameResolver {
        let names = target.hosts.map {
            NameResolvers.DNS().resolver(for: ResolvableTargets.DNS(host: $0.host, port: $0.port)).names
        }
        return NameResolver(
            names: RPCAsyncSequence(wrapping: Results(names: names)), updateMode: .pull,
            authority: target.hosts.first.map(\.description))
    }

    private struct Results: AsyncSequence, Sendable {
        typealias Element = NameResolutionResult
        var names: [RPCAsyncSequence<NameResolutionResult, any Error>]

        func makeAsyncIterator() -> Iterator { Iterator(names: names) }

        struct Iterator: AsyncIteratorProtocol {
            var names: [RPCAsyncSequence<NameResolutionResult, any Error>]

            /// Resolves every name anew; one that cannot be resolved matters only if none can.
            mutating func next() async throws -> NameResolutionResult? {
                var endpoints: [Endpoint] = []
                var failure: (any Error)?
                for name in names {
                    do {
                        var iterator = name.makeAsyncIterator()
                        let result = try await iterator.next()
                        let addresses = result?.endpoints.flatMap(\.addresses) ?? []
                        endpoints += addresses.map { Endpoint(addresses: [$0]) }
                    } catch {
                        failure = error
                    }
                }
                if endpoints.isEmpty, let failure { throw failure }
                return NameResolutionResult(endpoints: endpoints, serviceConfig: nil)
            }
        }
    }
}
