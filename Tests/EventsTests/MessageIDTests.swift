import FoundationEssentials
import Testing

@testable import Events

@Suite struct MessageIDTests {
    @Test func sameMessageSameID() {
        let saga = UUID()
        let id = MessageID.derived(saga: saga, source: "products", kind: "vote")
        #expect(id == MessageID.derived(saga: saga, source: "products", kind: "vote"))
        #expect(id != MessageID.derived(saga: saga, source: "customers", kind: "vote"))
        #expect(id != MessageID.derived(saga: saga, source: "products", kind: "done"))
        #expect(id != MessageID.derived(saga: UUID(), source: "products", kind: "vote"))
        #expect(id.uuid.6 >> 4 == 8)
        #expect(id.uuid.8 >> 6 == 2)
    }
}
