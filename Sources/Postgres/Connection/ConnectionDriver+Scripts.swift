import CPostgres
import DriverSupport

/// A script under way.
struct ScriptRun {
    let unit: PipelineUnit
    /// The greatest number of statements that it has.
    let statements: Int
    var failure: PostgresError?
}

extension ConnectionDriver {
    func startScript(_ unit: PipelineUnit, _ text: String) -> Bool {
        guard let connection, connection.exitPipelineMode(), connection.sendScript(text) else { return false }
        script = ScriptRun(unit: unit, statements: text.utf8.count { $0 == UInt8(ascii: ";") } + 1)
        hasUnsentBytes = true
        lastProgress = .now
        return true
    }

    func handleScriptResults() {
        while let connection, let run = script, !connection.isBusy {
            guard let result = connection.nextResult() else {
                guard connection.enterPipelineMode() else { return serverHasGone() }
                script = nil
                if let first = run.failure {
                    var failure = judged(first, of: run.unit)
                    if failure.sqlState == .queryCanceled, run.unit.isCancelled { failure = .cancelled() }
                    run.unit.fail(failure)
                } else {
                    run.unit.succeed(UnitReply(results: [], isIdle: connection.isIdle))
                }
                return
            }
            if let cause = connection.unreplicatedCommit {
                PQclear(result)
                return loseConnection(cause: cause, byServer: false)
            }
            switch PQresultStatus(result) {
            case PGRES_FATAL_ERROR:
                let error = PostgresError(result: result)
                if error.endsConnection {
                    PQclear(result)
                    return loseConnection(cause: error, byServer: false)
                }
                script?.failure = run.failure ?? error
            case PGRES_COPY_IN: connection.refuseCopyIn()
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                PQclear(result)
                return loseConnection(
                    cause: PostgresError(.usage, "COPY is not supported by this driver"), byServer: false)
            default: break
            }
            PQclear(result)
        }
    }
}
