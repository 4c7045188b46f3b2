import Testing

@testable import Migrator

@Suite struct SQLScriptTests {
    @Test(arguments: [
        "BEGIN;", "begin transaction; SELECT 1", "SELECT 1; COMMIT", "/* a /* nested */ ; */ ROLLBACK",
        "-- x\nSTART TRANSACTION",
        "SELECT 'a;b'; END;", "PREPARE TRANSACTION 'x'",
        "SELECT E'\\'; ' ; ABORT", "SELECT $1; COMMIT", "SELECT 1$a$; COMMIT",
    ])
    func transactionControlIsSeen(sql: String) {
        #expect(SQLScript(sql).transactionControl != nil)
    }

    @Test(arguments: [
        "SELECT '; COMMIT'", "SELECT 'it''s; COMMIT'", "SELECT \"; COMMIT\" FROM a", "SELECT E'\\'; COMMIT; '",
        "DO $$ BEGIN NULL; END $$", "DO $body$ BEGIN NULL; END; $$; $body$; SELECT 1", "/* ; COMMIT */ SELECT 1",
        "SELECT 1 -- ; COMMIT", "SELECT 1; -- COMMIT", "PREPARE a AS SELECT 1",
        "SELECT a_$x$ FROM b; SELECT $t$ ; COMMIT $t$",
        "COMMENT ON TABLE a IS 'x'", "SELECT 1;;",
    ])
    func whatOnlyLooksLikeItIsNot(sql: String) {
        #expect(SQLScript(sql).transactionControl == nil)
    }

    @Test(arguments: ["", " \n\t", "-- only words", "/* and */", ";;", "/* never closed"])
    func emptyScriptsHaveNoStatement(sql: String) {
        #expect(SQLScript(sql).statements.isEmpty)
    }

    @Test(arguments: ["'never closed", "$$never closed", "\"never", "E'\\", "$", "$a", "a$"])
    func unfinishedTextEndsTheScan(sql: String) {
        #expect(SQLScript(sql).statements.count == 1)
    }

    @Test func statementsAreKnownByTheirFirstTwoWords() {
        let script = SQLScript("create table a (b int);\n(SELECT 1); INSERT INTO a VALUES (1)")
        #expect(script.statements == [["CREATE", "TABLE"], ["SELECT"], ["INSERT", "INTO"]])
    }
}
