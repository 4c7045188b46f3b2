import FoundationEssentials
import Sagas
import ShopContracts
import Testing

@Suite("What sagas are about")
struct SagaSubjectTests {
    @Test("Every saga of the shop is about something", arguments: SagaDefinition.all)
    func known(_ definition: SagaDefinition) {
        let saga = record(definition.name)
        #expect(saga.subject?.kind.coordinator == definition.coordinator)
        #expect(saga.subjectText == "\(definition.name == "product-deletion" ? "product" : "order") 42")
    }

    @Test("A saga that this version does not know is not taken for an order's")
    func unknown() {
        #expect(record("order-merging").subject == nil)
        #expect(record("order-merging").subjectText == "42")
    }

    @Test("A subject is written as a kind and an id, or as an order's number")
    func subjects() {
        #expect(SagaSubject("42") == SagaSubject(.order, 42))
        #expect(SagaSubject("order:42") == SagaSubject(.order, 42))
        #expect(SagaSubject("product:7") == SagaSubject(.product, 7))
        #expect(SagaSubject(.product, 7).description == "product 7")
        for text in [
            "", "0", "-1", "+1", "product:", "product:x", "product:0", "cart:1", ":1", "product:1:2", "order 1",
        ] {
            #expect(SagaSubject(text) == nil, "\(text)")
        }
    }

    private func record(_ name: String) -> SagaRecord {
        SagaRecord(
            id: UUID(), name: name, subjectID: 42, phase: .trying, startedAt: .now, deadlineAt: .now)
    }
}
