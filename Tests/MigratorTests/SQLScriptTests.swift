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

    @Test func statementsCarryTheirTextLineAndTokens() throws {
        let script = SQLScript("-- one; two\nSELECT 1;\n\n/* x */ DROP TABLE \"A b\".c -- lint:ignore drop gone")
        #expect(script.statements.map(\.text) == ["SELECT 1", "DROP TABLE \"A b\".c"])
        #expect(script.statements.map(\.line) == [2, 4])
        #expect(!script.isTerminated && SQLScript("SELECT 1; -- x").isTerminated)
        let last = try #require(script.statements.last)
        #expect(last.tokens.map(\.text) == ["DROP", "TABLE", "A b", ".", "C"])
        #expect(last.tokens.map(\.identifier) == ["drop", "table", "A b", nil, "c"])
        #expect(script.comments.map(\.line) == [1, 4, 4])
        #expect(script.comments.last?.words == ["lint:ignore", "drop", "gone"])
    }

    @Test(arguments: [
        ("CREATE INDEX a ON t (x)", MigrationMode.transaction),
        ("CREATE INDEX CONCURRENTLY a ON t (x); drop index concurrently if exists b", .concurrent),
        ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON t (x)", .concurrent),
        ("REINDEX (VERBOSE) TABLE CONCURRENTLY t", .concurrent),
        ("-- migrate:no-transaction\nALTER TYPE t ADD VALUE 'x'; SELECT 1", .unbound),
        ("BEGIN; SELECT 1; COMMIT", .own), ("SELECT 'CREATE INDEX CONCURRENTLY'", .transaction), ("", .transaction),
    ])
    func theModeFollowsFromTheText(sql: String, mode: MigrationMode) {
        #expect(MigrationMode(SQLScript(sql)) == mode)
    }

    @Test func statementsAreKnownByTheirFirstTwoWords() {
        let script = SQLScript("create table a (b int);\n(SELECT 1); INSERT INTO a VALUES (1)")
        #expect(script.statements.map(\.leading) == [["CREATE", "TABLE"], ["SELECT"], ["INSERT", "INTO"]])
    }
}
