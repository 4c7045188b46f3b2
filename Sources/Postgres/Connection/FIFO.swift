/// A queue that takes at the back and gives at the front, both in constant time on average.
struct FIFO<Element> {
    private var storage: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == storage.count }
    var count: Int { storage.count - head }

    var first: Element? {
        get { isEmpty ? nil : storage[head] }
        set { if !isEmpty { storage[head] = newValue } }
    }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    mutating func append(contentsOf elements: [Element]) {
        for element in elements { storage.append(element) }
    }

    mutating func popFirst() -> Element? {
        if isEmpty { return nil }
        let element = storage[head]
        storage[head] = nil
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Puts elements in front of all others, in the order given.
    mutating func prepend(_ elements: [Element]) {
        if elements.isEmpty { return }
        storage.replaceSubrange(0..<head, with: elements.map(Optional.some))
        head = 0
    }

    /// Takes out the first element that fits.
    mutating func remove(where predicate: (Element) -> Bool) -> Element? {
        for index in head..<storage.count {
            if let element = storage[index], predicate(element) {
                storage.remove(at: index)
                return element
            }
        }
        return nil
    }

    /// Changes the first element that fits; false if there is none.
    mutating func update(where predicate: (Element) -> Bool, _ change: (inout Element) -> Void) -> Bool {
        for index in head..<storage.count {
            if var element = storage[index], predicate(element) {
                change(&element)
                storage[index] = element
                return true
            }
        }
        return false
    }

    /// Takes out everything, front first.
    mutating func removeAll() -> [Element] {
        let all = storage[head...].compactMap { $0 }
        storage.removeAll()
        head = 0
        return all
    }
}

extension FIFO {
    func forEach(_ body: (Element) -> Void) {
        for case let element? in storage[head...] { body(element) }
    }
}
