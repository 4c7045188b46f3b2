/// A broken rule, and the moves that led to it.
struct Finding: Error, CustomStringConvertible {
    let rule: String
    let moves: [String]

    var description: String { "\(rule): \(moves.joined(separator: " → "))" }
}

/// Every state that can be reached by moves from a first one.
struct Exploration<State: Hashable> {
    /// The states that one can become by a move.
    struct Moves {
        private(set) var reached: [State] = []
        private(set) var names: [String] = []
        /// Whether the moves get names; they cost more than the moves.
        let isNaming: Bool

        mutating func add(_ state: State, _ name: @autoclosure () -> String) {
            reached.append(state)
            if isNaming { names.append(name()) }
        }
    }

    private(set) var states: [State] = []

    /// - Throws: The first finding; no other has a shorter way.
    init(
        from first: State, moves: (State, inout Moves) -> Void, brokenRule: (State) -> String?
    ) throws(Finding) {
        var places: [State: Int] = [first: 0]
        // The place of the state from which each was reached first.
        var origins = [0]
        states = [first]
        func way(to place: Int) -> [String] {
            var names: [String] = []
            var place = place
            while place != 0 {
                var tried = Moves(isNaming: true)
                moves(states[origins[place]], &tried)
                names.append(tried.names[tried.reached.firstIndex(of: states[place])!])
                place = origins[place]
            }
            return names.reversed()
        }
        var next = 0
        while next < states.count {
            if let rule = brokenRule(states[next]) { throw Finding(rule: rule, moves: way(to: next)) }
            var possible = Moves(isNaming: false)
            moves(states[next], &possible)
            for reached in possible.reached where places[reached] == nil {
                places[reached] = states.count
                origins.append(next)
                states.append(reached)
            }
            next += 1
        }
    }
}
