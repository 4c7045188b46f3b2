/// A value as the server sends it (`$3`, the bytes, each with a line end) at the beginning of bytes that were read.
struct WholeValue {
    /// More digits than a length of Redis has, which is at most 512 MiB.
    private static let mostDigits = 10

    /// The place of the value itself.
    let place: Range<Int>
    /// The number of bytes that it takes with all that is around it.
    let length: Int

    /// Nil if it has not come whole, or is something else.
    init?(in read: UnsafeRawBufferPointer) {
        guard read.first == UInt8(ascii: "$") else { return nil }
        var count = 0
        var position = 1
        while position < read.count, position < Self.mostDigits, (48...57).contains(read[position]) {
            count = count * 10 + Int(read[position] - 48)
            position += 1
        }
        let start = position + 2
        let end = start + count
        guard position > 1, end + 2 <= read.count, Self.isLineEnd(read, at: position), Self.isLineEnd(read, at: end)
        else { return nil }
        place = start..<end
        length = end + 2
    }

    private static func isLineEnd(_ read: UnsafeRawBufferPointer, at position: Int) -> Bool {
        read[position] == 13 && read[position + 1] == 10
    }
}
