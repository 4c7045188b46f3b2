extension Setting {
    /// A hint at the setting that a name may have been meant for, as in `: is it 'saga.sweep'?`; empty if none is near.
    public static func suggestion(for name: String) -> String {
        nearest(to: String(name.map { $0 == "_" ? "-" : $0 }), among: all.map(\.key)).map { ": is it '\($0)'?" } ?? ""
    }

    /// The first of the names that are nearest to another, in capitals or not; nil if none is near.
    public static func nearest(to name: String, among names: [String]) -> String? {
        let wanted = Array(name.lowercased())
        // A third of the letters may be wrong, of a short word one: more is another word.
        let limit = wanted.count < 5 ? 1 : max(2, wanted.count / 3)
        let near = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
        return near.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
    }

    /// The number of letters that must be put in, taken out or changed to come from one to the other (Levenshtein).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let change = diagonal + (other[column] == letter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
