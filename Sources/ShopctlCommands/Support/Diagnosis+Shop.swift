import DevStack
import GRPCCore
import Glibc
import Hosting
import Migrator
import Postgres
import RabbitMQ

/// The errors of the shop's own parts.
extension Diagnosis {
    static func diagnose(_ error: RPCError) -> Diagnosis {
        let received = ServiceError(error)
        if let known = ShopRefusal.failure(received) { return Diagnosis(known) }
        let isOurs = error.metadata[stringValues: ServiceError.reasonMetadataKey].contains { _ in true }
        guard received.code != .unavailable || isOurs else {
            // The words are the library's: they are the cause.
            var diagnosis = Diagnosis(.unreachable, ErrorExplanation(.roleUnreachable).title, .roleUnreachable)
            diagnosis.causes = [received.message]
            diagnosis.object = CalledRole.of(error).map { "role \($0.rawValue)" }
            return diagnosis
        }
        if received.reason == "database_unavailable" {
            // Its own, or that of a role which it calls: doctor tells.
            var diagnosis = Diagnosis(.unreachable, received.message, .databaseUnreachable)
            diagnosis.object = CalledRole.of(error).map { "role \($0.rawValue)" }
            return diagnosis
        }
        if received.reason == ServiceError.databaseBusyReason {
            var diagnosis = Diagnosis(.tryAgain, received.message, .databaseBusy, hint: lockHint)
            diagnosis.object = CalledRole.of(error).map { "role \($0.rawValue)" }
            return diagnosis
        }
        return Diagnosis(status(received.code), received.message, code(received.code))
    }

    /// The command that tells who holds a lock which others wait for.
    static let lockHint = "shopctl migrate locks"

    static func status(_ code: ServiceError.Code) -> ExitStatus {
        switch code {
        case .invalidArgument, .outOfRange, .alreadyExists, .failedPrecondition, .aborted: .badData
        case .unauthenticated, .permissionDenied: .notAllowed
        case .notFound: .notFound
        case .unavailable: .unreachable
        case .deadlineExceeded, .resourceExhausted, .cancelled: .tryAgain
        case .unimplemented, .internal: .bug
        }
    }

    static func code(_ code: ServiceError.Code) -> ErrorCode {
        switch status(code) {
        case .badData: .requestRefused
        case .notAllowed: .callerRefused
        case .unreachable: .roleUnreachable
        case .tryAgain: .roleBusy
        case let status: ErrorCode(status)
        }
    }

    static func diagnose(_ error: MigrationError) -> Diagnosis {
        let text = "\(error)"
        switch error {
        case .databaseMissing:
            return Diagnosis(.badData, text, .databaseMissing, hint: "shopctl migrate up --create-databases")
        case .invalidFile, .unreadableFolder: return Diagnosis(.badData, text, .migrationFile)
        case .unknownRole, .invalidTarget: return Diagnosis(.usage, text)
        case .dirty: return Diagnosis(.badData, text, .migrationDirty)
        case .interrupted(_, _, _, let isDirty, _):
            return Diagnosis(.badData, text, isDirty ? .migrationDirty : .migrationFailed)
        case .failed(_, _, _, let cause):
            // It was applied before, perhaps, and the version is too low: verify tells.
            let isThere = ["42701", "42710", "42P07"].contains(cause.sqlState?.rawValue ?? "")
            return Diagnosis(.badData, text, .migrationFailed, hint: isThere ? "shopctl migrate verify" : nil)
        case .unknownVersion: return Diagnosis(.badData, text, .migrationUnknown)
        case .foreignVersionTable: return Diagnosis(.badData, text, .migrationRefused)
        case .noWayDown: return Diagnosis(.badData, text, .migrationOneWay)
        case .notRepairable: return Diagnosis(.badData, text, .migrationRepair)
        case .notAdoptable: return Diagnosis(.badData, text, .migrationAdoption)
        case .sharedSessions, .refusedParameter, .wrongSchema, .elsewhere, .anotherRole:
            return Diagnosis(.badConfiguration, text)
        case .unfitText: return Diagnosis(.badData, text, .migrationRefused)
        case .locked, .blocked, .cancelled: return Diagnosis(.tryAgain, text, .migrationLocked)
        case .partly(_, _, _, let cause):
            let diagnosis = diagnose(cause)
            return Diagnosis(diagnosis.status, text, diagnosis.code, hint: diagnosis.hint)
        case .database(let database, let cause):
            var diagnosis = Diagnosis(cause)
            if diagnosis.object == nil { diagnosis.object = "database '\(database)'" }
            return diagnosis
        }
    }

    static func diagnose(_ error: TopologyError) -> Diagnosis {
        switch error {
        case .conflict: return Diagnosis(.badData, "\(error)", .queueConflict)
        case .broker(_, let cause):
            let diagnosis = Diagnosis(cause)
            return Diagnosis(diagnosis.status, "\(error)", diagnosis.code)
        }
    }

    static func diagnose(_ error: FileFault) -> Diagnosis {
        let status: ExitStatus =
            switch error.number {
            case 0: .badData
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM, EROFS: .notAllowed
            default: .failure
            }
        return Diagnosis(status, error.description, .fileUnwritable)
    }

    static func diagnose(_ error: DevStackError) -> Diagnosis {
        switch error {
        case .missingPrograms, .serverFailed: return Diagnosis(.unreachable, "\(error)", .privateShop)
        case .notRunning: return Diagnosis(.unreachable, "\(error)", .noPrivateShop)
        case .noStack: return Diagnosis(.notFound, "\(error)", .noPrivateShop)
        case .alreadyRunning, .stillRunning, .unusableDirectory, .unreadableState:
            return Diagnosis(.badData, "\(error)", .privateShop)
        case .toolFailed, .system: return Diagnosis(.failure, "\(error)", .privateShop)
        case .stopTimedOut: return Diagnosis(.tryAgain, "\(error)", .privateShop)
        case .invalidName: return Diagnosis(.usage, "\(error)")
        }
    }
}
