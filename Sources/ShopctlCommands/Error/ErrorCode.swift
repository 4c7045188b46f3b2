/// The number of a kind of error. Numbers are part of the interface: none is ever given again.
enum ErrorCode: Int, CaseIterable, Sendable {
    case usage = 1
    case configuration = 2
    case bug = 3
    case outOfTime = 4
    case outputLost = 5
    case partial = 6
    case no = 7
    case failure = 8
    case badData = 9
    case notFound = 10
    case notAllowed = 11
    case unreachable = 12
    case fileUnwritable = 13

    case databaseUnreachable = 101
    case databaseLogin = 102
    case databaseRights = 103
    case databaseMissing = 104
    case databaseSchema = 105
    case databaseBusy = 106
    case commitUnknown = 107
    case databaseRefusal = 108

    case brokerUnreachable = 201
    case brokerLogin = 202
    case queueMissing = 203
    case brokerBusy = 204
    case queueConflict = 205
    case managementInterface = 206
    case replayStopped = 207
    case interrupted = 208
    case importLine = 209
    case queueUnseen = 210
    case nameNotTyped = 211

    case redisUnreachable = 301
    case redisRefusal = 302

    case roleUnreachable = 401
    case callerRefused = 402
    case requestRefused = 403
    case roleBusy = 404

    case migrationRefused = 501
    case migrationLocked = 502
    case migrationDirty = 503
    case migrationFailed = 504
    case migrationUnknown = 505
    case migrationFile = 506
    case migrationChanged = 507
    case migrationOneWay = 508
    case migrationRepair = 509
    case migrationAdoption = 510
    case migrationLint = 511

    case noPrivateShop = 601
    case privateShop = 602

    case keyFile = 701
    case keyMissing = 702
    case keyInUse = 703
    case tokenUnreadable = 705
    case tokenRefused = 706
    case userMissing = 707

    case sagaMissing = 801
    case sagaOver = 802
    case letterMissing = 803
    case diedAgain = 804
    case sagaDecided = 805
    case sagaUndecided = 806
    case partReported = 807
    case evidenceContradicts = 808
    case participantMissing = 809

    case orderMissing = 821
    case orderNotCancellable = 822
    case demoPassword = 823
    case demoPersonTaken = 824
    case demoIncomplete = 825

    case productMissing = 841
    case productChanged = 842
    case productHeld = 843
    case importFault = 844
    case importTooLarge = 845
    case categoryMissing = 846
    case categoryExists = 847
    case categoryInUse = 848
    case reviewMissing = 849

    case contextMissing = 861
    case contextUnusable = 862
    case doctorIncomplete = 863

    /// As errors show it.
    var name: String {
        let digits = String(rawValue)
        return "SHOP-" + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// Reads `SHOP-101`, `101`, or `shop-101`.
    init?(name: String) {
        let digits = name.uppercased().hasPrefix("SHOP-") ? name.dropFirst(5) : name[...]
        guard (1...3).contains(digits.utf8.count), let number = Int(digits) else { return nil }
        self.init(rawValue: number)
    }

    /// The kind of error of which only the exit status is known.
    init(_ status: ExitStatus) {
        self =
            switch status {
            case .success, .failure: .failure
            case .no: .no
            case .partial: .partial
            case .usage: .usage
            case .badData: .badData
            case .notFound: .notFound
            case .unreachable: .unreachable
            case .bug: .bug
            case .tryAgain: .outOfTime
            case .notAllowed: .notAllowed
            case .badConfiguration: .configuration
            }
    }
}
