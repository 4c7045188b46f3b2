import ArgumentParser

/// Names on the tab key of the columns that the line's command can show: behind a comma the next one, each once.
enum ColumnNames {
    static var completion: CompletionKind {
        .custom { line, place, _ in
            line.indices.contains(place) ? offered(behind: line[place], on: Array(line.dropFirst())) : []
        }
    }

    /// - Parameters:
    ///   - typed: The names that have been typed, and the beginning of the last.
    ///   - line: The command line, without the program.
    private static func offered(behind typed: String, on line: [String]) -> [String] {
        guard let command = CommandTree.command(of: line).command as? any ListingCommand.Type else { return [] }
        let columns = command.columns(on: line)
        func place(of word: String) -> Int? { columns.firstIndex { $0.isCalled(word) } }
        var chosen = typed.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let beginning = chosen.popLast() ?? ""
        let taken = Set(chosen.compactMap(place))
        return columns.indices.filter { !taken.contains($0) }.map { index in
            // One member may stand in two columns, of which the other has its heading's name.
            let (name, title) = (columns[index].name, columns[index].title)
            return place(of: name) == index ? name : Table.Column.name(title)
        }.filter { $0.hasPrefix(beginning) }.map { (chosen + [$0]).joined(separator: ",") }
    }
}
