import DriverSupport
import Testing

@Suite("FIFO")
struct FIFOTests {
    @Test("Keeps the order through any mix of appending and taking out")
    func order() {
        var fifo = FIFO<Int>()
        var appended = 0
        var taken: [Int] = []
        while appended < 20_000 {
            for _ in 1...Int.random(in: 1...300) {
                fifo.append(appended)
                appended += 1
            }
            for _ in 1...Int.random(in: 1...300) {
                #expect(fifo.first == (fifo.isEmpty ? nil : taken.count))
                if let element = fifo.popFirst() { taken.append(element) }
            }
            #expect(fifo.count == appended - taken.count)
        }
        while let element = fifo.popFirst() { taken.append(element) }
        #expect(taken == Array(0..<appended))
    }

    /// A queue of 5 to 9, of which the front was taken out before.
    private var used: FIFO<Int> {
        var fifo = FIFO<Int>()
        for number in 0..<10 { fifo.append(number) }
        for _ in 0..<5 { fifo.popFirst() }
        return fifo
    }

    @Test("What is put in front is taken first, in its order")
    func prepending() {
        var fifo = used
        fifo.prepend([1, 2])
        #expect(fifo.removeAll() == [1, 2, 5, 6, 7, 8, 9])
        #expect(fifo.isEmpty && fifo.first == nil && fifo.popFirst() == nil)
    }

    @Test("Elements in the middle can be taken out, dropped and seen")
    func theMiddle() {
        var fifo = used
        #expect(fifo.remove { $0 > 6 } == 7)
        #expect(fifo.remove { $0 == 0 } == nil)
        fifo.keep { $0 != 5 }
        #expect(fifo.count == 3 && fifo[0] == 6 && fifo[2] == 9)
        var seen: [Int] = []
        fifo.forEach { seen.append($0) }
        #expect(seen == [6, 8, 9])
    }

    @Test("The first element is changed in place, without a copy")
    func inPlace() {
        final class Storage {}
        struct Entry { var storage = Storage() }
        var fifo = FIFO<Entry>()
        fifo.append(Entry())
        var isUnique = false
        fifo.updateFirst { isUnique = isKnownUniquelyReferenced(&$0.storage) }
        #expect(isUnique)
    }
}
