/// Kinds of errors of migrations in words.
extension ErrorExplanation {
    static func migration(_ code: ErrorCode) -> ErrorExplanation {
        switch code {
        case .migrationRefused:
            .init(
                "a migration was refused", "The database is not in a state from which it can be migrated.",
                "shopctl migrate status")
        case .migrationLocked:
            .init(
                "a migration could not get its lock", "Somebody else holds it, and is told by name.",
                "shopctl migrate locks")
        case .migrationDirty:
            .init(
                "a migration was left half done",
                "Something ended golang-migrate, or a migration that runs outside of a transaction, on its way. What it "
                    + "has done until then stays: finish or undo its statements by hand, then take the mark back.",
                "shopctl migrate history", "shopctl migrate repair --help")
        case .migrationFailed:
            .init(
                "a migration failed",
                "The server has refused one of its statements. What ran in a transaction was rolled back; the message "
                    + "says what remains otherwise.", "shopctl migrate status")
        case .migrationUnknown:
            .init(
                "the database's version is not known here",
                "A newer program has migrated it, or it is another shop's. Use the program that brought it there, or a "
                    + "newer one; with --dir, the folder that it was migrated from.", "shopctl migrate history")
        case .migrationFile:
            .init(
                "a migration's file cannot be used",
                "It cannot be read or written, or breaks a rule that the message names. Nothing was changed; the "
                    + "command's own --help tells what it takes.")
        case .migrationChanged:
            .init(
                "applied migrations differ from those at hand",
                "A file was changed after it had been applied, so that old databases are not what new ones will be; or it "
                    + "is gone. Put the file back and write a new migration, or accept the change where it makes no "
                    + "difference. Or somebody has changed the schema itself: put it back by the SQL that is told.",
                "shopctl migrate verify",
                "shopctl migrate repair --role ROLE --accept VERSION --reason \"...\"")
        case .migrationOneWay:
            .init(
                "a migration cannot be taken back", "There is no .down.sql for it. Nothing was changed.",
                "shopctl migrate history")
        case .migrationRepair:
            .init(
                "nothing was repaired", "The database's state is not the one that the repair is for.",
                "shopctl migrate status", "shopctl migrate verify")
        case .migrationAdoption:
            .init(
                "a database was not adopted", "It has no versions that golang-migrate has written.",
                "shopctl migrate status", "shopctl migrate up")
        default:
            .init(
                "migrations would get in the way of a running shop",
                "A statement takes a lock that keeps everybody waiting, rewrites a table, or takes away what the version "
                    + "before still uses. Each finding tells another way; where it is right as it is, a comment above the "
                    + "statement says so: -- lint:ignore RULE reason", "shopctl migrate lint")
        }
    }
}
