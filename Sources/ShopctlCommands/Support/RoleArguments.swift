public import ArgumentParser
import Events
public import Hosting

extension Role: ExpressibleByArgument {}

/// Roles by name, with `all` for every one.
enum RoleArgument: ExpressibleByArgument, Sendable {
    case all
    case one(Role)

    init?(argument: String) {
        if argument == "all" {
            self = .all
        } else if let role = Role(rawValue: argument) {
            self = .one(role)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { Role.allCases.map(\.rawValue) + ["all"] }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    var roles: [Role] {
        switch self {
        case .all: Role.allCases
        case .one(let role): [role]
        }
    }
}

/// The service whose queues a command is about.
struct ServiceArgument: ExpressibleByArgument, Sendable {
    let topology: ServiceTopology

    init?(argument: String) {
        guard let service = Topology.shop.services.first(where: { $0.service == argument }) else { return nil }
        topology = service
    }

    static var allValueStrings: [String] { Topology.shop.services.map(\.service) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
