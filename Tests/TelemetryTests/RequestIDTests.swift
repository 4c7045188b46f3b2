import FoundationEssentials
import Testing

@testable import Telemetry

@Suite("Ids of requests")
struct RequestIDTests {
    @Test("A new one is a random UUID in lower case")
    func form() throws {
        for _ in 0..<1000 {
            let id = RequestID.new()
            let uuid = try #require(UUID(uuidString: id))
            #expect(uuid.uuidString.lowercased() == id)
            #expect(uuid.uuid.6 >> 4 == 4 && uuid.uuid.8 >> 6 == 2)
        }
    }

    @Test("No two are the same, whoever makes them at once")
    func unique() async {
        let ids = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { (0..<10_000).map { _ in RequestID.new() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 80_000)
    }

    @Test("Every bit that is not fixed is 0 as often as 1")
    func bits() {
        var ones = [Int](repeating: 0, count: 64)
        for _ in 0..<10_000 {
            let word = QuickRandom.next()
            for bit in 0..<64 where word >> UInt64(bit) & 1 == 1 { ones[bit] += 1 }
        }
        // Ten standard deviations.
        #expect(ones.allSatisfy { (4500...5500).contains($0) }, "\(ones)")
    }

    @Test("A client's own is kept where it is safe to log")
    func proposed() {
        let longest = String(repeating: "a", count: 128)
        for good in ["order-7_a.b", "1", longest] { #expect(RequestID.accepting(good) == good) }
        for bad in [nil, "", "a b", "a\nb", "\"", "é", longest + "a"] {
            let made = RequestID.accepting(bad)
            #expect(made != bad && made.utf8.count == 36)
        }
    }
}
