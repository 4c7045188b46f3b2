import Glibc

/// Random numbers that come again with the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}

/// How a fuzz test runs: bounded by itself, at length with `SHOPCTL_FUZZ_CASES`, again with `SHOPCTL_FUZZ_SEED`.
enum FuzzSetting {
    static func seed() -> UInt64 { number("SHOPCTL_FUZZ_SEED") ?? UInt64.random(in: 0...UInt64.max) }

    static func cases(default count: UInt64) -> UInt64 { number("SHOPCTL_FUZZ_CASES") ?? count }

    private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
}
