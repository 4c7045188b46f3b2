@testable import Sagas

/// The steps that a saga can take from each of its states; a state has a number, and each step is worked out once.
final class SagaSteps {
    /// A message that is taken.
    struct Step {
        /// The message's place in `ProtocolMessage.all`.
        let index: Int
        let message: ProtocolMessages
        let vote: Vote
        /// The saga as it becomes.
        let saga: UInt16
        let sent: ProtocolMessages
    }

    /// A participant's answer to a message that asks it.
    enum Vote { case accepted, refused, notAsked }

    /// Something that happens to a saga without a message.
    struct Turn {
        let name: String
        let saga: UInt16
        let sent: ProtocolMessages
        /// Messages that begin nothing any more.
        let outdated: ProtocolMessages
    }

    /// All that is known of a saga in one state.
    private final class Known {
        /// The steps of each node.
        var taking: [[Step]] = [[], [], []]
        /// Those of them that change something.
        var changing: [[Step]] = [[], [], []]
        var turns: [Turn] = []
        /// Messages that change nothing, with what is sent for each; none and what a timer sends at any time.
        var answers: [(to: ProtocolMessages, sent: ProtocolMessages)] = []
        /// The messages that each set of them becomes by the answers to them.
        var answered: [ProtocolMessages: ProtocolMessages] = [:]
        var faults: [(message: ProtocolMessages, reason: String)] = []
    }

    let rules: ProtocolRules
    private let model: ProtocolModel
    private var sagas: [ProtocolSaga] = []
    private var numbers: [ProtocolSaga: UInt16] = [:]
    private var known: [Known?] = []
    private var brokenRules: [String?] = []
    private var held: [Int] = []

    init(_ rules: ProtocolRules) {
        self.rules = rules
        model = ProtocolModel(rules: rules)
        _ = number(of: ProtocolSaga())
    }

    /// The steps by which a node takes messages.
    ///
    /// - Parameter changing: Whether those are left out that change nothing.
    func taking(by node: Int, _ saga: UInt16, changing: Bool) -> [Step] {
        let known = knowing(saga)
        return changing ? known.changing[node] : known.taking[node]
    }

    /// Everything that can happen to a saga by itself.
    func turns(of saga: UInt16) -> [Turn] { knowing(saga).turns }

    /// The units that the first participant holds for a saga.
    func held(by saga: UInt16) -> Int { held[Int(saga)] }

    /// The phase that the coordinator has recorded; nil once it has forgotten the saga.
    func phase(of saga: UInt16) -> SagaState.Phase? { sagas[Int(saga)].coordinator?.phase }

    /// Whether nothing more is to be done.
    func isOver(_ saga: UInt16) -> Bool { sagas[Int(saga)].isOver }

    /// The rule that a saga breaks, or will have broken when everything sent so far is lost, or the fault of one of the
    /// messages that may arrive.
    func brokenRule(_ state: SagaPair.Part) -> String? {
        if let rule = brokenRules[Int(state.saga)] { return rule }
        for fault in knowing(state.saga).faults where state.messages.contains(fault.message) { return fault.reason }
        return nil
    }

    /// The messages with all that will be sent for them while the saga stays as it is.
    func answered(_ state: SagaPair.Part) -> ProtocolMessages {
        let known = knowing(state.saga)
        if let answered = known.answered[state.messages] { return answered }
        var (messages, before) = (state.messages, ProtocolMessages())
        repeat {
            before = messages
            for answer in known.answers where messages.contains(answer.to) { messages.insert(answer.sent) }
        } while messages != before
        known.answered[state.messages] = messages
        return messages
    }

    private func number(of saga: ProtocolSaga) -> UInt16 {
        if let number = numbers[saga] { return number }
        let number = UInt16(sagas.count)
        numbers[saga] = number
        sagas.append(saga)
        known.append(nil)
        brokenRules.append(saga.brokenRule ?? model.brokenRuleAtTheEnd(of: saga))
        held.append(saga.branches[0].tried - saga.branches[0].undone)
        return number
    }

    private func knowing(_ saga: UInt16) -> Known {
        if let known = known[Int(saga)] { return known }
        let known = Known()
        for index in ProtocolMessage.all.indices { learn(index, in: saga, known) }
        learnTurns(of: saga, known)
        self.known[Int(saga)] = known
        return known
    }

    private func learn(_ index: Int, in number: UInt16, _ known: Known) {
        let message = ProtocolMessage.all[index]
        let bit = ProtocolMessages([message])
        for vote in message.asked == nil ? [Vote.notAsked] : [.accepted, .refused] {
            var saga = sagas[Int(number)]
            let isForgotten = saga.isForgotten
            do {
                let said: SagaVote = vote == .refused ? .refused(ProtocolMessage.refusal) : .accepted
                let sent = ProtocolMessages(try model.take(message, votes: said, in: &saga))
                let next = self.number(of: saga)
                let isAsked = next != number && vote != .notAsked
                let step = Step(
                    index: index, message: bit, vote: isAsked ? vote : .notAsked, saga: next, sent: sent)
                known.taking[message.node].append(step)
                if next == number {
                    // It has been asked before, and says the same whatever it would say now.
                    known.answers.append((bit, sent))
                    break
                }
                known.changing[message.node].append(step)
            } catch {
                // What comes long after the end meets rows that are gone; it becomes a dead letter and changes nothing.
                if !isForgotten { known.faults.append((bit, error.reason)) }
            }
        }
    }

    private func learnTurns(of number: UInt16, _ known: Known) {
        let saga = sagas[Int(number)]
        let calledOff = SagaRefusal(code: "called_off", message: "called off")
        for input in [SagaInput.timer(deadlinePassed: false), .timer(deadlinePassed: true), .abort(calledOff)] {
            var next = saga
            do {
                let sent = ProtocolMessages(try model.input(input, &next))
                if next == saga {
                    known.answers.append((ProtocolMessages(), sent))
                } else {
                    known.turns.append(
                        Turn(name: "\(input)", saga: self.number(of: next), sent: sent, outdated: ProtocolMessages()))
                }
            } catch {
                known.faults.append((ProtocolMessages(), error.reason))
            }
        }
        func turn(
            _ name: String, outdated: ProtocolMessages = ProtocolMessages(), _ change: (inout ProtocolSaga) -> Void
        ) {
            var next = saga
            change(&next)
            guard next != saga else { return }
            known.turns.append(
                Turn(name: name, saga: self.number(of: next), sent: ProtocolMessages(), outdated: outdated))
        }
        if rules.letsGo {
            for participant in 0..<2 where saga.branches[participant].state == .tried {
                turn("\(ProtocolSaga.names[participant]) lets go") { model.letGo(participant, &$0) }
            }
        }
        guard saga.isOver else { return }
        // Rows of what is over are deleted when they are old; a `try` as old as that begins nothing.
        let outdated = rules.takesOldTries ? ProtocolMessages() : .tries
        turn("the saga is forgotten", outdated: outdated) {
            $0.coordinator = nil
            $0.isForgotten = true
        }
        for participant in 0..<2 {
            turn("the branch of \(ProtocolSaga.names[participant]) is forgotten", outdated: outdated) {
                $0.branches[participant].state = nil
                $0.isForgotten = true
            }
        }
    }
}
