/// Random numbers that come again with the same seed (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of a range.
    public mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// A number from 0 up to a bound; 0 if there is none.
    public mutating func below(_ bound: Int) -> Int { int(0...max(0, bound - 1)) }

    /// True in one of so many cases.
    public mutating func chance(oneIn cases: Int) -> Bool { below(cases) == 0 }

    /// True in so many of a hundred cases.
    public mutating func chance(percent: Int) -> Bool { int(1...100) <= percent }

    /// An element of a list that is not empty.
    public mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    /// So many bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
