import Glibc
import Testing

@testable import TestSupport

/// The listener of the proxies, which fail as networks do, and must not do so elsewhere.
@Suite struct LocalListenerTests {
    /// A descriptor's number is given again: the second time it would be somebody else's connection.
    @Test(.ownThreads) func closingTwiceEndsNoConnectionOfOthers() async {
        // In a process of its own, where nobody else opens anything.
        await #expect(processExitsWith: .success) {
            let listener = LocalListener()
            listener.serve { close($0) }
            listener.close()
            // A task that sleeps opens descriptors, which would take its number.
            while listener.isOpen { usleep(1000) }
            var strangers: [Int32] = []
            for _ in 0..<8 {
                var ends: [Int32] = [-1, -1]
                try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
                strangers += ends
            }
            listener.close()
            var byte: UInt8 = 7
            for stranger in strangers { #expect(send(stranger, &byte, 1, Int32(MSG_NOSIGNAL)) == 1) }
        }
    }
}
