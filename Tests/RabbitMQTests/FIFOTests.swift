import Testing

@testable import RabbitMQ

@Suite("FIFO")
struct FIFOTests {
    @Test("Keeps the order through any mix of appending and removing")
    func order() {
        var fifo = FIFO<Int>()
        var appended = 0
        var removed: [Int] = []
        while appended < 20_000 {
            for _ in 1...Int.random(in: 1...300) {
                fifo.append(appended)
                appended += 1
            }
            for _ in 1...Int.random(in: 1...300) {
                #expect(fifo.first == (fifo.isEmpty ? nil : removed.count))
                if let element = fifo.removeFirst() { removed.append(element) }
            }
            #expect(fifo.count == appended - removed.count)
        }
        while let element = fifo.removeFirst() { removed.append(element) }
        #expect(removed == Array(0..<appended))
    }
}
