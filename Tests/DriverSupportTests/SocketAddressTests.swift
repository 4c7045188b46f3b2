import DriverSupport
import Glibc
import TestSupport
import Testing

@Suite("Socket addresses", .timeLimit(.minutes(60)))
struct SocketAddressTests {
    @Test("An address is its own only one, and is told as a number", arguments: ["127.0.0.1", "::1"])
    func numeric(host: String) throws {
        for lookup in [SocketAddress.Lookup.numeric, .all] {
            #expect(try SocketAddress.resolve(host: host, port: 1, lookup).map(\.numericHost) == [host])
        }
    }

    @Test("A name is looked up only where that is asked for")
    func names() throws {
        let error = #expect(throws: SystemError.self) {
            try SocketAddress.resolve(host: "localhost", port: 1, .numeric)
        }
        #expect(error?.description.isEmpty == false)
        #expect(try !SocketAddress.resolve(host: "localhost", port: 1).isEmpty)
    }

    @Test("Connecting ends well where somebody listens, and with the reason where nobody does")
    func connecting() throws {
        let listener = LocalListener()
        let descriptor = try SocketAddress.resolve(host: "127.0.0.1", port: UInt16(listener.port))[0].beginConnecting()
        defer { close(descriptor) }
        WakeUp().wait(alsoOn: descriptor, for: POLLOUT)
        try SocketAddress.finishConnecting(descriptor)

        let port = listener.port
        listener.close()
        let error = #expect(throws: SystemError.self) {
            let descriptor = try SocketAddress.resolve(host: "127.0.0.1", port: UInt16(port))[0].beginConnecting()
            defer { close(descriptor) }
            WakeUp().wait(alsoOn: descriptor, for: POLLOUT)
            try SocketAddress.finishConnecting(descriptor)
        }
        #expect(error == SystemError(errno: ECONNREFUSED))
    }
}
