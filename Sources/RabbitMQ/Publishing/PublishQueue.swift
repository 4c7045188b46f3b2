import DriverSupport

/// The calls of `publish` with messages left to send, in order.
///
/// A call stays until all of its messages have been handed to the library or it is answered, so that sending which
/// fails half-way loses nothing: what was not sent is still here.
struct PublishQueue {
    /// A message whose turn it is.
    struct Turn {
        let publish: OpenPublish
        let index: Int
        let message: RabbitMQMessage
    }

    private var calls = FIFO<OpenPublish>()
    /// The number of calls there may be until answered ones are looked for.
    private var limit = 64

    var isEmpty: Bool { calls.isEmpty }

    /// Takes in a call. Answered ones go out now and then, so that they do not pile up while nothing can be sent.
    mutating func append(_ publish: OpenPublish) {
        if calls.count >= limit {
            calls.keep { !$0.isDone }
            limit = max(64, calls.count * 2)
        }
        calls.append(publish)
    }

    /// The messages to send next, from one call or from many; fewer once they have `bytes`.
    func turns(count: Int, bytes: Int) -> [Turn] {
        var turns: [Turn] = []
        var size = 0
        for position in 0..<calls.count where turns.count < count && size < bytes {
            let publish = calls[position]
            for (index, message) in publish.unsent(count: count - turns.count, bytes: bytes - size) {
                size += message.body.count
                turns.append(Turn(publish: publish, index: index, message: message))
            }
            // The rest of this call comes before the next one.
            if let last = turns.last, last.publish === publish, last.index + 1 < publish.count { break }
        }
        return turns
    }

    /// Lets go of calls at the head with nothing left to send.
    mutating func dropDone() {
        while let first = calls.first, first.isDone { calls.popFirst() }
    }

    /// Lets go of everything.
    mutating func removeAll() { calls = FIFO() }
}
