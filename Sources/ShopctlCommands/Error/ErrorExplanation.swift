/// A kind of error in words: its name, the causes it has, and the commands that help.
struct ErrorExplanation: Sendable {
    let title: String
    let text: String
    let next: [String]

    init(_ title: String, _ text: String, _ next: String...) {
        self.title = title
        self.text = text
        self.next = next
    }

    init(_ code: ErrorCode) {
        self = Self.of(code)
    }

    private static func of(_ code: ErrorCode) -> ErrorExplanation {
        switch code.rawValue {
        case ..<100: general(code)
        case 100..<200: database(code)
        case 200..<400: broker(code)
        case 841..<860: catalogue(code)
        case 500..<600: migration(code)
        case 821..<840: order(code)
        default: shop(code)
        }
    }

    private static func general(_ code: ErrorCode) -> ErrorExplanation {
        switch code {
        case .usage:
            .init("wrong arguments", "The command line cannot be understood. Nothing was done.", "shopctl --help")
        case .configuration:
            .init(
                "configuration missing or wrong",
                "A setting that the command needs is not set, or has a value that it cannot have. Of a private shop, "
                    + "'dev env' prints all of them; --context takes those of a shop by its name.",
                "eval \"$(shopctl dev env)\"", "shopctl context list", "shopctl serve --help")
        case .outOfTime:
            .init(
                "out of time",
                "What was asked for did not happen in the time it had. It may still happen. Trying again is safe for "
                    + "everything that only looks, and for what carries an idempotency key.", "shopctl health")
        case .outputLost:
            .init(
                "the result could not be written",
                "Standard output is full or closed. What the command was to do is done all the same; the "
                    + "audit trail has deeds. The command's own --help tells other ways to write it.")
        case .partial:
            .init(
                "some of it was done", "What was done and what was not is told beside this.", "shopctl doctor")
        case .no:
            .init(
                "the answer is no", "A question was asked that is answered by the exit status.", "shopctl status",
                "shopctl doctor")
        case .badData:
            .init(
                "bad data, or a state that does not allow it",
                "Nothing was changed. The message names what is at fault; the command's own --help tells what it takes."
            )
        case .notFound:
            .init(
                "what was asked for is not there",
                "Nothing was changed. A list shows what is there; the command's own --help names it.")
        case .notAllowed:
            .init(
                "not allowed", "The login or token that was used does not have the right. Nothing was changed.",
                "shopctl doctor")
        case .unreachable:
            .init("a backend cannot be reached", "Nobody answers where a server should be.", "shopctl health")
        case .fileUnwritable:
            .init(
                "a file cannot be written",
                "Its folder is missing or does not allow it, there is no room, or its name is that of something else: a "
                    + "link to nothing, a folder, a device. An old file is as it was. The message names it: choose "
                    + "another, or mend that one. The command's own --help tells what it writes.")
        case .bug:
            .init(
                "a bug of shopctl", "Something happened that the program does not expect. Please report the message.",
                "shopctl doctor")
        default: .init("failure of another kind", "The message says what is known.", "shopctl doctor")
        }
    }

    private static func database(_ code: ErrorCode) -> ErrorExplanation {
        switch code {
        case .databaseUnreachable:
            .init(
                "a database cannot be reached",
                "PostgreSQL does not answer where the URL of a role's database says, or has ended the connection. The "
                    + "other roles go on; what needs this one waits and goes on by itself.", "shopctl doctor")
        case .databaseLogin:
            .init(
                "a database refuses the login",
                "PostgreSQL does not take the user or password of the role's URL, or lets that user in from elsewhere "
                    + "only (pg_hba.conf).", "shopctl doctor")
        case .databaseRights:
            .init(
                "a database refuses for want of rights",
                "The user of the role's URL may log in and lacks a right (SQLSTATE 42501): GRANT it again; what was "
                    + "held up goes on by itself.", "shopctl saga list --state open")
        case .databaseMissing:
            .init(
                "a database does not exist", "The server answers and has none of that name.",
                "shopctl migrate up --create-databases")
        case .databaseSchema:
            .init(
                "a database has another schema than this binary needs", "A table or column is missing.",
                "shopctl migrate status", "shopctl migrate up")
        case .databaseBusy:
            .init(
                "a database is out of time or room",
                "A lock, a connection or an answer was waited for in vain, or the server is out of connections or "
                    + "space. Trying again may help.", "shopctl doctor", "shopctl migrate locks")
        case .commitUnknown:
            .init(
                "whether it was committed is not known",
                "The connection was lost while a commit was under way. Look before doing it again.",
                "shopctl audit list",
                "shopctl doctor")
        default:
            .init(
                "a database refuses the data", "The server does not take a value. Nothing was changed.",
                "shopctl doctor")
        }
    }

    private static func broker(_ code: ErrorCode) -> ErrorExplanation {
        switch code {
        case .brokerUnreachable:
            .init(
                "the broker cannot be reached",
                "RabbitMQ does not answer where SHOPCTL_AMQP_URL says. Orders are accepted; they are decided when it "
                    + "is back.", "shopctl doctor")
        case .brokerLogin:
            .init(
                "the broker refuses the login",
                "RabbitMQ does not take the user or password of SHOPCTL_AMQP_URL, or that user lacks rights in the "
                    + "virtual host.", "shopctl doctor")
        case .queueMissing:
            .init(
                "a queue is missing", "The broker answers and lacks what the shop has declared.", "shopctl migrate up",
                "shopctl queue check")
        case .brokerBusy:
            .init(
                "the broker is out of time or room",
                "RabbitMQ blocks those who publish (memory or disk alarm), or did not answer in time.",
                "shopctl doctor")
        case .queueConflict:
            .init(
                "a queue or message is not as it should be",
                "A queue was declared by somebody else with other arguments, or a message cannot be sent.",
                "shopctl queue check")
        case .managementInterface:
            .init(
                "the broker's management interface does not help",
                "It does not answer, or refuses its user, who needs the tag 'monitoring'. Bindings, policies and "
                    + "unacknowledged messages are told by it alone.", "shopctl queue check")
        case .replayStopped:
            .init(
                "a replay was stopped",
                "Letters that were sent back were not handled, more than --canary or --stop-after-failures allows. What "
                    + "was not sent stays a dead letter. Mend the cause, then replay the rest.", "shopctl queue list")
        case .interrupted:
            .init(
                "interrupted",
                "What was done is told, and what was not done is as before. The hint is the command that "
                    + "goes on.", "shopctl status")
        case .importLine:
            .init(
                "a line of an import is no message",
                "It names the line and the member that is at fault. Nothing was imported.",
                "shopctl queue export --help")
        case .queueUnseen:
            .init(
                "messages of that queue cannot be exported",
                "To look at what waits for a consumer means to take it away from there, and out of its order. Dead "
                    + "letters can be looked at without losing any.", "shopctl queue list")
        case .nameNotTyped:
            .init(
                "the name was not typed",
                "What cannot be undone wants the name of its object once more. Nothing was done. The command's own --help "
                    + "tells how.")
        case .redisUnreachable:
            .init("Redis cannot be reached", "Reads go to the databases meanwhile; nothing is lost.", "shopctl doctor")
        default:
            .init(
                "Redis refuses", "It answered with an error. Nothing is lost: it holds copies only.", "shopctl doctor")
        }
    }

    private static func shop(_ code: ErrorCode) -> ErrorExplanation {
        switch code {
        case .roleUnreachable:
            .init(
                "a role cannot be reached",
                "No process answers at the role's address. The message names the role, and the setting that says where it "
                    + "is.", "shopctl status",
                "shopctl dev up")
        case .callerRefused:
            .init(
                "the caller is not allowed to", "The token is not believed, or does not allow it.",
                "shopctl token keys list")
        case .requestRefused:
            .init(
                "the shop refuses",
                "The request, or the state of what it is about, does not allow it. The message says why; the command's "
                    + "own --help tells what it takes.")
        case .roleBusy:
            .init(
                "a role is out of time or room", "It has more to do than it can. Trying again may help.",
                "shopctl health")
        case .noPrivateShop: .init("there is no private shop", "None was made, or it does not run.", "shopctl dev up")
        case .privateShop:
            .init(
                "the private shop cannot do that now", "The message names the server or folder.",
                "shopctl dev status", "shopctl dev logs")
        case .keyFile:
            .init(
                "a key file cannot be used", "It cannot be read or written, or is not what it should be.",
                "shopctl token keys list")
        case .keyMissing: .init("there is no such key", "The file has no key of that id.", "shopctl token keys list")
        case .keyInUse:
            .init(
                "the key signs", "The key that signs cannot be retired: let another one sign first.",
                "shopctl token keys rotate")
        case .tokenUnreadable:
            .init(
                "this is no access token",
                "A token is three parts of letters, digits, - and _ with dots between them; the first two are JSON. "
                    + "Whatever came, it was cut, or is something else.", "shopctl token issue --user ID")
        case .tokenRefused:
            .init(
                "the token is not believed",
                "It has ended, is not valid yet, names another issuer or audience, or was not signed by a key that "
                    + "the shop believes. The reason is told beside it.", "shopctl token inspect -",
                "shopctl token keys list")
        case .userMissing: .init("there is no such user", "Nobody has that account.", "shopctl user list")
        case .sagaMissing:
            .init("there is no such saga", "Nobody who coordinates sagas has it.", "shopctl saga list --state all")
        case .sagaOver: .init("the saga is over", "There is nothing left to do for it.", "shopctl saga list")
        case .sagaDecided:
            .init(
                "the saga is decided",
                "A decision is final. It can be carried out only; an order that is confirmed is called off by its own "
                    + "cancellation.", "shopctl saga list --state all")
        case .sagaUndecided:
            .init(
                "the saga is undecided",
                "Nothing is to be carried out before there is a decision. It comes with the last vote, or at the deadline.",
                "shopctl saga list --state trying")
        case .partReported:
            .init(
                "the participant has reported", "It has carried the decision out by itself: others are waited for.",
                "shopctl saga list")
        case .evidenceContradicts:
            .init(
                "the participant's own record says otherwise",
                "It has not carried the decision out, and will when its message reaches it. To mark it as done would "
                    + "hide that.", "shopctl saga list", "shopctl queue list")
        case .participantMissing:
            .init("no such participant", "That service takes no part in the saga.", "shopctl saga list -o wide")
        case .contextMissing:
            .init(
                "there is no such context", "No shop has that name here.", "shopctl context list",
                "shopctl context set NAME --from-env")
        case .contextUnusable:
            .init(
                "a context cannot be used",
                "Its file cannot be read or written, is open to other users, or says what no shop can have. The "
                    + "message names the file.", "shopctl context list", "shopctl context show NAME")
        case .doctorIncomplete:
            .init(
                "not everything could be examined",
                "A server that the settings name did not answer, or did not tell all. What could be examined is well.",
                "shopctl status", "shopctl queue check")
        case .letterMissing: .init("there is no such dead letter", "It was sent back or dropped.", "shopctl queue list")
        default:
            .init(
                "letters died again",
                "They were sent back and have failed as before: the cause is not mended. They are dead letters again.",
                "shopctl queue list")
        }
    }

    private static func order(_ code: ErrorCode) -> ErrorExplanation {
        switch code {
        case .orderMissing:
            .init("there is no such order", "No order has that id, or none of the caller's.", "shopctl order list")
        case .orderNotCancellable:
            .init(
                "the order cannot be called off",
                "It is rejected, cancelled, or being cancelled already: only a pending order whose placement is not "
                    + "decided, and a confirmed one, can be called off. Nothing was changed.", "shopctl order list")
        case .demoPassword:
            .init(
                "the file of the demo people's password cannot be used",
                "It cannot be read or made, or what is in it is no password: one line of 8 characters at least. A file "
                    + "that is not there is made with a random one, readable by its owner only.",
                "shopctl shop seed --help")
        case .demoPersonTaken:
            .init(
                "a demo person has another password",
                "Somebody has an account under the address of a demo person, and the password of the file is not "
                    + "theirs: it was made by another file, or changed since. Nothing was done in their name.",
                "shopctl user list --email @demo.example")
        default:
            .init(
                "the demo shop is not complete",
                "Some orders did not end confirmed, as when their product is sold out by others. The same command does "
                    + "what is missing.", "shopctl order list --state rejected", "shopctl status")
        }
    }
}
