/// Guesses at what somebody meant who has misspelt a name.
enum Spelling {
    /// The known name that is fewest typing errors away, if they are few enough to be errors: a third of its letters, at
    /// least two.
    static func nearest(to name: String, among known: [String]) -> String? {
        // No known name is so long, and the distance takes time in proportion to the lengths.
        guard name.utf8.count <= 64 else { return nil }
        let distances = known.map { (name: $0, distance: distance(name.lowercased(), $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, best.name.count / 3) && best.distance < best.name.count ? best.name : nil
    }

    /// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
    static func distance(_ one: String, _ other: String) -> Int {
        let one = Array(one.unicodeScalars)
        let other = Array(other.unicodeScalars)
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
