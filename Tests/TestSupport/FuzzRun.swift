import Glibc

/// How long a fuzz test runs, and from which seed: `SHOPCTL_FUZZ_SEED` and `SHOPCTL_FUZZ_CASES`.
///
/// A case that ends the process is found again by the seed that stands in the output.
public struct FuzzRun: Sendable {
    public let seed: UInt64
    public let cases: Int

    /// - Parameters:
    ///   - name: What is fuzzed, for the output.
    ///   - cases: How many cases run unless the environment says otherwise.
    public init(_ name: String, cases: Int) {
        seed = Self.number("SHOPCTL_FUZZ_SEED") ?? 20_261_126
        self.cases = Self.number("SHOPCTL_FUZZ_CASES").map { Int(clamping: $0) } ?? cases
        print("fuzz: \(name), SHOPCTL_FUZZ_SEED=\(seed) SHOPCTL_FUZZ_CASES=\(self.cases)")
    }

    /// The random numbers of one case: the same for the same seed, whatever runs beside it.
    public func random(_ index: Int) -> SeededGenerator {
        SeededGenerator(seed: seed &+ UInt64(index) &* 0x9E37_79B9)
    }

    private static func number(_ variable: String) -> UInt64? {
        getenv(variable).flatMap { UInt64(String(cString: $0)) }
    }
}
