import Synchronization

/// Numbers for names that must be unique and that nobody has to guess: ids of requests, traces and spans.
///
/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), one for the process: a number
/// costs an atomic addition, where the system's generator costs a call of the kernel. Its start and its step come from
/// that one, 127 bits together, so that no two processes make the same numbers. Who sees some of them can tell the
/// others: keys, tokens, and ids by which something is found again or kept from happening twice are made by the system's.
enum QuickRandom {
    private static let step = UInt64.random(in: 0 ... .max) | 1
    private static let state = Atomic<UInt64>(.random(in: 0 ... .max))

    static func next() -> UInt64 {
        var word = state.wrappingAdd(step, ordering: .relaxed).newValue
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
