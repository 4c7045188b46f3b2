import DevStack
import GRPCCore
import Hosting
import Migrator
import Postgres
import RabbitMQ
import Redis

/// An error as whoever ran the command is told of it: the one mapping of errors to numbers and exit statuses.
struct Diagnosis: Sendable, Equatable {
    var status: ExitStatus
    var code: ErrorCode
    /// Nil if everything has been said.
    var message: String?
    /// The object that it is about; nil if the message says so.
    var object: String?
    /// The words of whoever refused or failed.
    var causes: [String] = []
    var hint: String?

    init(_ error: any Error) {
        switch error {
        case let error as LocatedError:
            self.init(error.cause)
            if object == nil, !(error.cause is ConfigurationError) { object = error.object }
        case let error as CommandFailure:
            self.init(error.status, error.message, error.code, hint: error.hint)
            object = error.object
            causes = error.causes
        case let error as ManagementError:
            self.init(error.status, "\(error)", .managementInterface, hint: QueueOverview.way)
        case let error as OutputFailure: self.init(.failure, error.message, .outputLost)
        case let error as ConfigurationError where error.isMissing:
            self.init(.badConfiguration, "\(error)", hint: ContextChoice.hint)
        case let error as ContextStore.Fault:
            self.init(
                error.kind == .missing ? .notFound : error.kind == .badName ? .usage : .badConfiguration, "\(error)",
                error.kind == .missing ? .contextMissing : .contextUnusable, hint: "shopctl context list")
        case is ConfigurationError, is PostgresConfigurationError: self.init(.badConfiguration, "\(error)")
        case let error as ServiceError:
            self.init(Self.status(error.code), error.message, Self.code(error.code))
        case let error as RPCError: self = Self.diagnose(error)
        case let error as PostgresError: self = Self.diagnose(error)
        case let error as RabbitMQError: self = Self.diagnose(error)
        case let error as RedisError: self = Self.diagnose(error)
        case let error as MigrationError: self = Self.diagnose(error)
        case let error as TopologyError: self = Self.diagnose(error)
        case let error as DevStackError: self = Self.diagnose(error)
        case let error as FileFault: self = Self.diagnose(error)
        case let error as KeyError: self.init(error.isMissing ? .notFound : .badData, "\(error)", .keyFile)
        case is TokenError: self.init(.notAllowed, "\(error)")
        case is ShutdownTimeout, is CancellationError: self.init(.tryAgain, "\(error)")
        default: self.init(.bug, "\(error)")
        }
    }

    init(_ status: ExitStatus, _ message: String?, _ code: ErrorCode? = nil, hint: String? = nil) {
        self.status = status
        self.code = code ?? ErrorCode(status)
        self.message = message
        self.hint = hint
    }

    /// An error under the title of its kind, with the words of the backend as its cause.
    private init(_ status: ExitStatus, _ code: ErrorCode, cause: String) {
        self.init(status, ErrorExplanation(code).title, code)
        causes = [cause]
    }

    // MARK: - Backends

    private static func diagnose(_ error: PostgresError) -> Diagnosis {
        let (status, code) = judge(error)
        // The statement and its place in the source tell an operator something only where that is at fault.
        if status == .bug { return Diagnosis(.bug, "\(error)") }
        // The library's own line breaks and tabs are none of a message.
        let words = error.message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var diagnosis = Diagnosis(status, code, cause: "PostgreSQL: \(words)")
        // Mostly somebody's lock is what took so long.
        if let state = error.sqlState, [SQLState.lockNotAvailable, .queryCanceled].contains(state) {
            diagnosis.hint = lockHint
        }
        return diagnosis
    }

    private static func judge(_ error: PostgresError) -> (ExitStatus, ErrorCode) {
        let state = error.sqlState?.rawValue ?? ""
        switch error.kind {
        case .connection:
            if state.hasPrefix("28") { return (.notAllowed, .databaseLogin) }
            if state == "42501" { return (.notAllowed, .databaseRights) }
            if state.hasPrefix("3D") { return (.badData, .databaseMissing) }
            return (.unreachable, .databaseUnreachable)
        case .closed: return (.unreachable, .databaseUnreachable)
        case .commitOutcomeUnknown: return (.tryAgain, .commitUnknown)
        case .timeout, .poolTimeout, .cancelled: return (.tryAgain, .databaseBusy)
        case .decoding, .encoding, .usage, .transactionAborted: return (.bug, .bug)
        case .server where error.sqlState == .readOnlyTransaction: return (.unreachable, .databaseUnreachable)
        case .server: break
        }
        // Classes: 08 connection, 53 resources, 57 operator, 28 authorization, 3D no such database, 42 no such table.
        switch state.prefix(2) {
        case "08", "57": return (.unreachable, .databaseUnreachable)
        case "53", "40", "55": return (.tryAgain, .databaseBusy)
        case "28": return (.notAllowed, .databaseLogin)
        case "3D": return (.badData, .databaseMissing)
        case "22", "23": return (.badData, .databaseRefusal)
        case "42": return state == "42501" ? (.notAllowed, .databaseRights) : (.badData, .databaseSchema)
        default: return (.bug, .bug)
        }
    }

    private static func diagnose(_ error: RabbitMQError) -> Diagnosis {
        let text = "\(error)"
        switch error.kind {
        case .configuration: return Diagnosis(.badConfiguration, text)
        case .protocolViolation: return Diagnosis(.bug, text)
        case .invalidMessage, .preconditionFailed: return Diagnosis(.badData, .queueConflict, cause: text)
        case .connectionFailed, .connectionLost, .closed, .broker, .staleDelivery:
            return Diagnosis(.unreachable, .brokerUnreachable, cause: text)
        case .authentication, .accessRefused, .notAllowed: return Diagnosis(.notAllowed, .brokerLogin, cause: text)
        case .notFound: return Diagnosis(.notFound, .queueMissing, cause: text)
        case .resourceLocked, .timeout, .blocked: return Diagnosis(.tryAgain, .brokerBusy, cause: text)
        }
    }

    private static func diagnose(_ error: RedisError) -> Diagnosis {
        let text = "\(error)"
        switch error.kind {
        case .unavailable, .closed: return Diagnosis(.unreachable, .redisUnreachable, cause: text)
        case .timeout: return Diagnosis(.tryAgain, .redisUnreachable, cause: text)
        case .server: return Diagnosis(.failure, .redisRefusal, cause: text)
        case .protocol: return Diagnosis(.bug, text)
        case .configuration: return Diagnosis(.badConfiguration, text)
        }
    }
}
