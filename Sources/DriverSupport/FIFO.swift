// Public, as all that is generic here: across modules the compiler specialises no `package` declaration.

/// A queue: in at the back, out at the front, both in constant time on average.
@frozen
public struct FIFO<Element> {
    @usableFromInline
    var storage: [Element?] = []
    /// The place of the first element; nil stands before it.
    @usableFromInline
    var head = 0

    /// Less than this at the front is not worth moving the rest for.
    @inlinable
    static var fewestGone: Int { 64 }
    /// An empty queue keeps this much room at most, so that a burst does not hold memory for ever.
    @inlinable
    static var mostKept: Int { 4096 }

    @inlinable
    public init() {}

    @inlinable
    public var isEmpty: Bool { head == storage.count }

    @inlinable
    public var count: Int { storage.count - head }

    @inlinable
    public var first: Element? { isEmpty ? nil : storage[head] }

    /// The element that many places behind the first.
    @inlinable
    public subscript(position: Int) -> Element {
        guard let element = storage[head + position] else { preconditionFailure("an element that is gone") }
        return element
    }

    @inlinable
    public mutating func append(_ element: Element) { storage.append(element) }

    /// Takes out the first element.
    @inlinable
    @discardableResult
    public mutating func popFirst() -> Element? {
        if isEmpty { return nil }
        let element = storage[head]
        storage[head] = nil
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: head <= Self.mostKept)
            head = 0
        } else if head >= Self.fewestGone, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Changes the first element in place: the queue lets go of it meanwhile, so that nothing is copied.
    @inlinable
    public mutating func updateFirst(_ change: (inout Element) -> Void) {
        guard !isEmpty, var element = storage[head] else { return }
        storage[head] = nil
        change(&element)
        storage[head] = element
    }

    @inlinable
    public func forEach(_ body: (Element) -> Void) {
        for case let element? in storage[head...] { body(element) }
    }
}

// What reaches into the middle, and so looks at every element.
extension FIFO {
    /// Puts elements in front of all others, in the order given.
    @inlinable
    public mutating func prepend(_ elements: [Element]) {
        if elements.isEmpty { return }
        storage.replaceSubrange(0..<head, with: elements.map(Optional.some))
        head = 0
    }

    /// Takes out the first element that fits.
    @inlinable
    public mutating func remove(where fits: (Element) -> Bool) -> Element? {
        for index in head..<storage.count {
            if let element = storage[index], fits(element) {
                storage.remove(at: index)
                return element
            }
        }
        return nil
    }

    /// Drops the elements that are not to be kept.
    @inlinable
    public mutating func keep(_ isKept: (Element) -> Bool) {
        storage = storage[head...].filter { $0.map(isKept) ?? false }
        head = 0
    }

    /// Takes out everything, the first in front.
    @inlinable
    @discardableResult
    public mutating func removeAll() -> [Element] {
        let all = storage[head...].compactMap { $0 }
        storage.removeAll()
        head = 0
        return all
    }
}

extension FIFO: Sendable where Element: Sendable {}
