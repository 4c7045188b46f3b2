/// Ids cut to the beginnings that tell them apart.
enum ShortID {
    /// The shortest cut: a beginning that is shorter is hard to recognise.
    static let shortest = 8

    /// The ids, each cut to the same number of characters.
    ///
    /// A cut id has a letter or a dash in it, so that nobody takes it for a number.
    static func cut(_ ids: [String]) -> [String] {
        let all = Set(ids)
        guard let longest = all.map(\.count).max(), longest > shortest else { return ids }
        for length in shortest..<longest {
            let cut = Set(all.map { $0.prefix(length) })
            let areIDs = cut.allSatisfy { id in id.contains { !("0"..."9").contains($0) } }
            if cut.count == all.count, areIDs { return ids.map { String($0.prefix(length)) } }
        }
        return ids
    }
}
