import Glibc
import TestSupport
import Testing

@testable import DevStack

/// A stack's folder may have any name that the file system allows.
@Suite struct FolderTests {
    @Test(arguments: ["it's", "a b", "größe", "new\nline", #"quote" back\slash $HOME `id`"#])
    func theNameOfTheFolderDoesNotMatter(name: String) async throws {
        let parent = "/tmp/devstack-tests-\(randomHex(bytes: 6))"
        try makeDirectory(parent, mode: 0o711)
        defer { removeTree(parent) }
        let directory = parent + "/" + name
        let stack = try await DevStack.start(DevStackOptions(dataDirectory: directory), logger: testLogger)
        do {
            #expect(try await DevStack.status(directory: directory).isHealthy)
            #expect(try await PostgresControl(stack.state).execute("SELECT 1") == ["1"])
            try await BrokerControl(stack.state).createVirtualHosts(["kept"])
            // Everything is in there, and nothing beside it.
            #expect(access(directory + "/rabbitmq/mnesia/rabbit@localhost", F_OK) == 0)
            #expect(entries(of: parent) == [name])
        } catch {
            await stack.stop()
            throw error
        }
        await stack.stop()
        #expect(ProcessTable.family(stack.state.marker).isEmpty)
        try await DevStack.reset(directory: directory)
    }
}
