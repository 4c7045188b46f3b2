import FoundationEssentials
import Sagas

/// A remedy in words, with the command that brings it about.
struct SagaAdvice {
    let text: String
    /// Nil where there is none.
    let command: String?

    init(text: String, command: String?) {
        (self.text, self.command) = (text, command)
    }

    init(_ remedy: SagaRemedy) {
        switch remedy {
        case .restoreBroker(let reason):
            text =
                "the broker cannot be reached (\(reason)): bring it back; what waits to be sent then goes on by itself"
            command = "shopctl doctor"
        case .restoreDatabase(let service, let reason):
            text = "the database of \(service) does not serve it (\(reason)): mend that; then it goes on by itself"
            command = "shopctl migrate status --role \(service)"
        case .runCoordinator(let service):
            text = "its next attempt is overdue: nobody runs the coordinator"
            command = "shopctl serve \(service)"
        case .emptyOutbox(let service):
            text = "nobody empties the outbox of \(service): run it, or look at its log"
            command = "shopctl serve \(service)"
        case .consumeInbox(let service, let ready):
            text = "nobody consumes the inbox of \(service), where \(ready) messages wait: run it"
            command = "shopctl serve \(service)"
        case .declareQueues:
            text = "the broker lacks queues of the shop: declare them"
            command = "shopctl migrate up"
        case .declareInbox(let service):
            text = "\(service) has no inbox on the broker: declare it"
            command = "shopctl migrate up"
        case .restoreService(let service, let reason):
            text = "\(service) cannot do its part (\(reason)): mend that; then it goes on by itself"
            command = "shopctl status"
        case .awaitHandling(let service, let count):
            text =
                "\(service) has \(count) \(count == 1 ? "message" : "messages") of its inbox in hand, not acknowledged: "
                + "look what keeps it"
            command = "shopctl status"
        case .checkBindings(let service, let resends):
            text =
                "what was sent \(resends) times again waits nowhere at \(service): look whether its inbox is bound to it"
            command = "shopctl queue check"
        case .replay(let service, let messageID):
            text = "once the cause is mended, send the dead letter of \(service) back"
            command = "shopctl queue replay \(service) --message-id \(ShellText.word(messageID))"
        case .recover(let participant):
            text = "the record of \(participant) is lost: where its rows prove what it did the doctor makes that final"
            command = "shopctl doctor --fix --dry-run"
        case .restoreRecords(let names):
            text =
                "the record of \(names.joined(separator: " and ")) is lost: the saga is over all the same, and where "
                + "rows prove what was done the doctor writes it anew; elsewhere compare them by hand"
            command = "shopctl doctor --fix --dry-run"
        case .resolve(let saga, let participant):
            text = "where they do not, \(participant) can never report: count its part as carried out"
            command = SagaCommand.SagaResolve.rehearsal(of: saga, participant)
        case .awaitRetries(let service, let count):
            text =
                "\(service) has \(count) failed \(count == 1 ? "message" : "messages, copies of resends among them,") "
                + "to try again within 5 minutes: look why"
            command = "shopctl queue peek \(service) --retry"
        case .retry(let saga, let isStuck):
            text = isStuck ? "ask again now" : "nothing: it goes on by itself"
            command = isStuck ? "shopctl saga retry \(saga.uuidString.lowercased())" : nil
        }
    }
}
