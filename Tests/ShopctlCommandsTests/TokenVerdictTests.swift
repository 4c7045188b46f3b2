import FoundationEssentials
import Hosting
import Testing

@testable import ShopctlCommands

@Suite("The verdict on a token that is believed outside of its time tells why")
struct TokenVerdictTests {
    /// The verdict at second 1000.
    private func verdict(issued: Int, expires: Int) throws -> TokenVerdict {
        func part(_ json: String) -> String { Data(json.utf8).base64EncodedString().replacing("=", with: "") }
        let claims = part("{\"sub\": \"7\", \"iat\": \(issued), \"exp\": \(expires)}")
        let head = part("{\"alg\": \"ES256\"}")
        return TokenVerdict(
            token: try UnverifiedToken("\(head).\(claims).AAAA"), refusal: nil,
            now: Date(timeIntervalSince1970: 1000))
    }

    @Test("The leeway is named where it is made use of, and is in the document always")
    func leeway() throws {
        let late = try verdict(issued: 900, expires: 999)
        #expect(late.table(.plain).hasPrefix("believed: it has expired, but clocks may be 5 s apart\n"))
        let early = try verdict(issued: 1002, expires: 2000)
        #expect(early.table(.plain).hasPrefix("believed: it is not valid yet, but clocks may be 5 s apart\n"))
        let usual = try verdict(issued: 900, expires: 2000)
        #expect(usual.table(.plain).hasPrefix("believed\n"))
        for verdict in [late, early, usual] {
            guard case .one(let record) = verdict.body else { throw CommandFailure(.bug, "a verdict is one") }
            #expect(record["leeway_seconds"] == .integer(5) && record["valid"] == .bool(true))
        }
    }
}
