import FoundationEssentials
import Hosting
import Sagas
import Testing

@testable import ShopctlCommands

@Suite("Why a saga gets no answer is told by the checks of whoever it waits for")
struct ServiceTroublesTests {
    private func process(_ text: String, isNamed: Bool = true) -> ProcessStatus {
        let address = HostPort(host: "10.0.0.7", port: 9000)
        return ProcessStatus(
            address: address, origin: "--address", isNamed: isNamed,
            readiness: Readiness(address: address, origin: "--address", isReady: false, text: text))
    }

    private func saga(_ waitsFor: [String], finishedAt: Date? = nil) -> SagaRecord {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        return SagaRecord(
            id: UUID(), name: "order-placement", subjectID: 7, phase: .trying, startedAt: start,
            deadlineAt: start + 900, finishedAt: finishedAt, waitsFor: waitsFor)
    }

    @Test("The checks of what messages need count, and those that keep a role from being ready come first")
    func reasons() {
        let text = """
            [!] customers customers.broker: no answer
            [-] customers customers.database: the server does not take writes
            [!] orders orders.dead-letters: too many
            [!] orders orders.peer.products: gone
            [+] products products.database
            """
        let told = ["customers": "customers.database: the server does not take writes"]
        #expect(ServiceTroubles([process(text)]).reasons == told)
        #expect(ServiceTroubles([process(text, isNamed: false)]).reasons == [:], "it may be another shop's")
    }

    @Test("They are the reason of what waits for that service, where no message tells one")
    func failures() {
        var errors = SagaErrors()
        errors.troubles = ServiceTroubles([process("[-] customers customers.database: gone")])
        let waiting = saga(["customers", "products"])
        let trouble = errors.failure(of: waiting)
        #expect(trouble?.text == "customers.database: gone" && trouble?.service == "customers")
        #expect(errors.failure(of: saga(["products"])) == nil)
        #expect(errors.failure(of: saga(["customers"], finishedAt: Date(timeIntervalSince1970: 1_800_000_001))) == nil)
        errors.add(.init(text: "refused", at: nil, service: "products", message: "try"), of: waiting.id)
        #expect(errors.failure(of: waiting)?.text == "refused")
    }

    @Test("What is told to be next works where the rest does not")
    func advice() {
        #expect(SagaAdvice(.restoreBroker(reason: "gone")).command == "shopctl doctor")
        #expect(SagaAdvice(.restoreService("products", reason: "gone")).command == "shopctl status")
        let held = SagaAdvice(.awaitHandling(of: "products", count: 1))
        #expect(held.command == "shopctl status" && held.text.contains("1 message of its inbox"), "\(held.text)")
    }
}
