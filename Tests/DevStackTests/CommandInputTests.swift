import Testing

@testable import DevStack

@Suite("What a program gets on its standard input")
struct CommandInputTests {
    @Test("A program that ends without reading it ends nobody else, however much it is")
    func whoDoesNotRead() async throws {
        // More than a pipe holds.
        let much = String(repeating: "x", count: 1 << 20)
        // It fails otherwise by the end of the process.
        #expect(try await Command(program: "/bin/true").output(input: much).isEmpty)
    }

    @Test("It is read to its end", arguments: ["", "a line\n", "no line's end"])
    func whoReads(text: String) async throws {
        #expect(try await Command(program: "/bin/cat").output(input: text) == text)
    }
}
