import Hosting
import Testing

/// How the roles of a shop are spread over processes.
enum Layout: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case oneProcess
    case fiveProcesses
    /// Two processes of every role; for what is about replicas, so it is none of ``allCases``.
    case twoOfEach

    static var allCases: [Layout] { [.oneProcess, .fiveProcesses] }

    /// The roles of each process.
    var processes: [[Role]] {
        switch self {
        case .oneProcess: [Role.allCases]
        case .fiveProcesses: Role.allCases.map { [$0] }
        case .twoOfEach: Role.allCases.flatMap { [[$0], [$0]] }
        }
    }

    var testDescription: String {
        switch self {
        case .oneProcess: "one process"
        case .fiveProcesses: "five processes"
        case .twoOfEach: "two processes of every role"
        }
    }
}
