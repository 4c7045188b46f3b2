import Glibc
import Telemetry

/// The end of the process, while threads of drivers and libraries still run.
public enum ProcessEnd {
    /// Writes out the log and ends the process. Results need no flushing: no standard stream goes through stdio.
    public static func now(_ status: Int32) -> Never {
        Telemetry.flushLogs()
        // `exit` would run the libraries' handlers beside threads that have not ended: libcrypto's frees what it keeps
        // for a driver's thread, and the thread, which has told its end before its destructors run, frees it as well.
        _exit(status)
    }
}
