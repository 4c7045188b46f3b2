import Glibc

/// How a chaos run goes; `make chaos SEED=n MINUTES=m` sets it.
struct ChaosOptions: Sendable {
    /// What is done and what fails follow from it; when exactly, from the machine.
    var seed: UInt64
    /// How long there is load and failure.
    var duration: Duration
    /// How long a process or a link may stand still.
    var longestStall: Duration

    /// What the environment says: `SHOPCTL_CHAOS_SEED`, `SHOPCTL_CHAOS_MINUTES`.
    static var environment: ChaosOptions {
        func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
        let minutes = number("SHOPCTL_CHAOS_MINUTES") ?? 1
        return ChaosOptions(
            seed: number("SHOPCTL_CHAOS_SEED") ?? 20, duration: .seconds(60 * Int64(min(minutes, 24 * 60))),
            longestStall: minutes > 1 ? .seconds(40) : .seconds(8))
    }
}
