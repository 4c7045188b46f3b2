import DriverSupport
import Testing

@testable import Redis

@Suite("Unheard changes")
struct UnheardChangesTests {
    private let now = MonotonicTime.now

    @Test("A change that Redis was told of does not cover a later one")
    func laterChange() {
        var changes = UnheardChanges(lifetime: .seconds(300))
        let first = changes.note(["a", "b"], at: now)
        let second = changes.note(["a"], at: now)
        changes.told(["a", "b"], upTo: first)
        #expect(changes.unheard("a", at: now) == second)
        #expect(changes.unheard("b", at: now) == nil)
        changes.told(["a"], upTo: second)
        #expect(changes.unheard("a", at: now) == nil)
    }

    @Test("One repeats at a time, and stops when there is nothing left")
    func repeating() {
        var changes = UnheardChanges(lifetime: .seconds(300))
        let withoutChanges = changes.beginRepeating()
        let number = changes.note(["a"], at: now)
        let first = changes.beginRepeating()
        let second = changes.beginRepeating()
        let early = changes.endRepeating()
        #expect([withoutChanges, first, second, early] == [false, true, false, false])
        changes.told(["a"], upTo: number)
        let isDone = changes.endRepeating()
        _ = changes.note(["b"], at: now)
        let again = changes.beginRepeating()
        #expect([isDone, again] == [true, true])
    }

    @Test("More changes than are kept make everything suspect until it has expired")
    func tooMany() {
        var changes = UnheardChanges(lifetime: .seconds(300))
        _ = changes.note((0..<UnheardChanges.limit + 1).map { "\($0)" }, at: now)
        #expect(changes.some(.max).keys.count == UnheardChanges.limit)
        #expect(changes.unheard("another", at: now + .seconds(299)) != nil)
        #expect(changes.unheard("another", at: now + .seconds(300)) == nil)
    }
}
