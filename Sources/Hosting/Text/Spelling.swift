/// Guesses at what somebody meant who has misspelt a name.
public enum Spelling {
    /// The first of the known names that are fewest typing errors away, in capitals or not; nil if none is near.
    public static func nearest(to name: String, among known: [String]) -> String? {
        // No known name is so long, and the distance takes time in proportion to the lengths.
        guard name.utf8.count <= 64 else { return nil }
        let wanted = Array(name.lowercased().unicodeScalars)
        // A third of the letters may be wrong, of a short word one: more is another word.
        let limit = wanted.count < 5 ? min(1, wanted.count - 1) : max(2, wanted.count / 3)
        let near = known.map { (name: $0, distance: distance(wanted, Array($0.lowercased().unicodeScalars))) }
        return near.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
    }

    /// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
    private static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var last = Array(0...other.count)
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (one[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] { cost = min(cost, before[j - 1] + 1) }
                row.append(cost)
            }
            before = last
            last = row
        }
        return last[other.count]
    }
}
