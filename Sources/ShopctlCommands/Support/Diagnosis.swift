import DevStack
import GRPCCore
import Hosting
import Migrator
import Postgres
import RabbitMQ
import Redis

/// What an error comes to for whoever ran the command: the one mapping of errors to exit statuses.
struct Diagnosis: Sendable, Equatable {
    var status: ExitStatus
    /// Nil if everything has been said.
    var message: String?
    var hint: String?

    init(_ error: any Error) {
        message = "\(error)"
        switch error {
        case let error as CommandFailure:
            status = error.status
            message = error.message
            hint = error.hint
        case let error as ManagementError: status = error.status
        case let error as OutputFailure:
            status = .failure
            message = error.message
        case is ConfigurationError, is PostgresConfigurationError: status = .badConfiguration
        case let error as ServiceError:
            status = Self.status(error.code)
            message = error.message
        case let error as RPCError: self = Self.diagnose(error)
        case let error as PostgresError:
            status = Self.status(error)
            // The statement and its place in the source tell an operator something only where that is at fault.
            if status != .bug { message = "PostgreSQL: \(error.message)" }
        case let error as RabbitMQError: status = Self.status(error.kind)
        case let error as RedisError: status = Self.status(error.kind)
        case let error as MigrationError: self = Self.diagnose(error)
        case let error as TopologyError: self = Self.diagnose(error)
        case let error as DevStackError: self = Self.diagnose(error)
        case is KeyError: status = .badData
        case is TokenError: status = .notAllowed
        case is ShutdownTimeout, is CancellationError: status = .tryAgain
        default: status = .bug
        }
    }

    private init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
        self.status = status
        self.message = message
        self.hint = hint
    }

    private static func diagnose(_ error: RPCError) -> Diagnosis {
        let received = ServiceError(error)
        let isOurs = error.metadata[stringValues: ServiceError.reasonMetadataKey].contains { _ in true }
        return Diagnosis(
            status(received.code), received.message,
            hint: received.code == .unavailable && !isOurs
                ? "is the role running, and is its address right? A private shop: shopctl dev up" : nil)
    }

    private static func status(_ code: ServiceError.Code) -> ExitStatus {
        switch code {
        case .invalidArgument, .outOfRange, .alreadyExists, .failedPrecondition, .aborted: .badData
        case .unauthenticated, .permissionDenied: .notAllowed
        case .notFound: .notFound
        case .unavailable: .unreachable
        case .deadlineExceeded, .resourceExhausted, .cancelled: .tryAgain
        case .unimplemented, .internal: .bug
        }
    }

    private static func status(_ error: PostgresError) -> ExitStatus {
        switch error.kind {
        case .connection, .closed: return .unreachable
        case .timeout, .poolTimeout, .cancelled, .commitOutcomeUnknown: return .tryAgain
        case .decoding, .encoding, .usage, .transactionAborted: return .bug
        case .server: break
        }
        guard let state = error.sqlState?.rawValue else { return .bug }
        // Classes: 08 connection, 53 resources, 57 operator, 28 authorization, 3D no such database, 42 no such table.
        switch state.prefix(2) {
        case "08", "57": return .unreachable
        case "53", "40", "55": return .tryAgain
        case "28": return .notAllowed
        case "3D", "22", "23": return .badData
        case "42": return state == "42501" ? .notAllowed : .badData
        default: return .bug
        }
    }

    private static func status(_ kind: RabbitMQError.Kind) -> ExitStatus {
        switch kind {
        case .configuration: .badConfiguration
        case .invalidMessage, .preconditionFailed: .badData
        case .connectionFailed, .connectionLost, .closed, .broker, .staleDelivery: .unreachable
        case .authentication, .accessRefused, .notAllowed: .notAllowed
        case .notFound: .notFound
        case .resourceLocked, .timeout, .blocked: .tryAgain
        case .protocolViolation: .bug
        }
    }

    private static func status(_ kind: RedisError.Kind) -> ExitStatus {
        switch kind {
        case .unavailable, .closed: .unreachable
        case .timeout: .tryAgain
        case .server: .failure
        case .protocol: .bug
        case .configuration: .badConfiguration
        }
    }

    private static func diagnose(_ error: MigrationError) -> Diagnosis {
        let text = "\(error)"
        switch error {
        case .databaseMissing: return Diagnosis(.badData, text, hint: "shopctl migrate up --create-databases")
        case .invalidFile: return Diagnosis(.bug, text)
        case .unknownRole, .invalidTarget: return Diagnosis(.usage, text)
        case .dirty, .unknownVersion, .foreignVersionTable, .failed: return Diagnosis(.badData, text)
        case .sharedSessions, .refusedParameter, .wrongSchema, .elsewhere, .anotherRole:
            return Diagnosis(.badConfiguration, text)
        case .unfitText: return Diagnosis(.badData, text)
        case .locked, .blocked, .cancelled: return Diagnosis(.tryAgain, text)
        case .partly(_, _, _, let cause):
            let diagnosis = diagnose(cause)
            return Diagnosis(diagnosis.status, text, hint: diagnosis.hint)
        case .database(let database, let cause):
            let diagnosis = Diagnosis(cause)
            return Diagnosis(diagnosis.status, "database '\(database)': \(diagnosis.message ?? text)")
        }
    }

    private static func diagnose(_ error: TopologyError) -> Diagnosis {
        switch error {
        case .conflict: Diagnosis(.badData, "\(error)")
        case .broker(_, let cause): Diagnosis(Diagnosis(cause).status, "\(error)")
        }
    }

    private static func diagnose(_ error: DevStackError) -> Diagnosis {
        let status: ExitStatus =
            switch error {
            case .missingPrograms, .serverFailed, .notRunning: .unreachable
            case .noStack: .notFound
            case .alreadyRunning, .stillRunning, .unusableDirectory, .unreadableState: .badData
            case .toolFailed, .system: .failure
            case .stopTimedOut: .tryAgain
            case .invalidName: .usage
            }
        return Diagnosis(status, "\(error)", hint: nil)
    }
}
