/// Every state that can be reached by moves from a first one.
struct Exploration<State: Hashable> {
    /// A broken rule, and the moves that led to it.
    struct Finding: Error, CustomStringConvertible {
        let rule: String
        let moves: [String]

        var description: String { "\(rule): \(moves.joined(separator: " → "))" }
    }

    /// A move, and where it leads; nothing where it breaks a rule by itself.
    struct Move {
        let name: String
        let result: Result<State, Broken>
    }

    /// A rule that a move or a state breaks.
    struct Broken: Error { let rule: String }

    private(set) var states: [State] = []

    /// - Throws: The first finding; no other has a shorter way.
    init(
        from first: State, moves: (State) -> [Move], brokenRule: (_ state: State, _ isLast: Bool) -> String?
    ) throws(Finding) {
        var way: [State: (from: State, move: String)?] = [first: nil]
        func finding(_ rule: String, at state: State, then last: String? = nil) -> Finding {
            var names = last.map { [$0] } ?? []
            var state = state
            while let (from, move) = way[state] ?? nil {
                names.append(move)
                state = from
            }
            return Finding(rule: rule, moves: names.reversed())
        }
        states = [first]
        var next = 0
        while next < states.count {
            let state = states[next]
            next += 1
            let moves = moves(state)
            if let rule = brokenRule(state, moves.isEmpty) { throw finding(rule, at: state) }
            for move in moves {
                switch move.result {
                case .failure(let broken): throw finding(broken.rule, at: state, then: move.name)
                case .success(let reached):
                    guard way[reached] == nil else { continue }
                    way[reached] = (state, move.name)
                    states.append(reached)
                }
            }
        }
    }
}
