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

/// Random numbers that a seed brings back (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
