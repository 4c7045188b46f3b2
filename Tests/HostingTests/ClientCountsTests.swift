import Testing

@testable import Hosting

@Suite("Connections are counted by address, and by the networks that one client may have of IPv6")
struct ClientCountsTests {
    private struct Listener {
        var counts: ClientCounts

        /// Opens as many connections from an address as there is room for.
        mutating func fill(_ address: String) throws -> Int {
            let networks = try #require(NetworkAddress(address)).networks
            var opened = 0
            while counts.full(among: networks) == nil, opened < 1000 {
                counts.enter(networks)
                opened += 1
            }
            return opened
        }
    }

    @Test("A site of many networks does not take all places")
    func site() throws {
        var listener = Listener(counts: ClientCounts(total: 100, perClient: 5))
        // Four of a /56 are full, and a fifth has nothing more.
        for subnet in 0..<4 {
            #expect(try listener.fill("2001:db8:1:\(subnet)::1") == 5)
            #expect(try listener.fill("2001:db8:1:\(subnet)::2") == 0)
        }
        #expect(try listener.fill("2001:db8:1:4::1") == 0)
        // Neither has a /48 with others, a quarter of the places are for them.
        var site = 20
        for subnet in 1..<64 { site += try listener.fill("2001:db8:1:\(String(subnet << 8, radix: 16))::1") }
        #expect(site == 75)
        #expect(try listener.fill("2001:db8:2::1") == 5)
        #expect(try listener.fill("192.0.2.1") == 5)
        #expect(try listener.fill("192.0.2.2") == 5)
    }

    @Test("A half for each client leaves something to those of other sites")
    func halves() throws {
        var listener = Listener(counts: ClientCounts(total: 8, perClient: 4))
        #expect(try listener.fill("2001:db8:1:1::1") == 4)
        #expect(try listener.fill("2001:db8:1:2::1") == 2)
        #expect(try listener.fill("2001:db8:2::1") == 4)
    }

    @Test("Places become free again")
    func left() throws {
        var counts = ClientCounts(total: 10, perClient: 1)
        let networks = try #require(NetworkAddress("2001:db8::1")).networks
        for _ in 0..<20 {
            #expect(counts.full(among: networks) == nil)
            counts.enter(networks)
            #expect(counts.full(among: networks) == networks[0])
            counts.leave(networks)
        }
    }
}
