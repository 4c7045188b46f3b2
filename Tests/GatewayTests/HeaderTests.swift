import HTTPTypes
import Testing

@testable import Gateway

@Suite struct HeaderTests {
    @Test(
        arguments: [
            (["wait=5"], 5),
            (["respond-async, wait=10"], 10),
            (["respond-async", "Wait = \"7\""], 7),
            (["wait=5; x=y"], 5),
            (["wait=1, wait=9"], 1),
            (["wait=31"], 30),
            (["wait=99999999999999999999999"], 30),
            (["wait=0"], nil),
            (["wait=-1"], nil),
            (["wait=1.5"], nil),
            (["wait=soon"], nil),
            (["wait"], nil),
            (["wait="], nil),
            (["return=minimal"], nil),
            ([], nil),
        ] as [([String], Int?)])
    func readsHowLongToWait(_ values: [String], _ seconds: Int?) {
        var headers = HTTPFields()
        for value in values { headers.append(HTTPField(name: .prefer, value: value)) }
        #expect(Preferences(headers).wait == seconds)
    }

    @Test func takesVisibleIdempotencyKeys() throws {
        #expect(try IdempotencyKey.optional(in: [:]) == nil)
        #expect(try IdempotencyKey.optional(in: [.idempotencyKey: "a-1!~"]) == "a-1!~")
        let longest = String(repeating: "k", count: 255)
        #expect(try IdempotencyKey.required(in: [.idempotencyKey: longest]) == longest)
    }

    @Test(arguments: ["", "two words", "é", String(repeating: "k", count: 256)])
    func refusesOtherIdempotencyKeys(_ key: String) {
        let error = #expect(throws: Problem.self) { try IdempotencyKey.optional(in: [.idempotencyKey: key]) }
        #expect(error?.errors.map(\.field) == ["Idempotency-Key"])
    }

    @Test func refusesTwoIdempotencyKeys() {
        var headers: HTTPFields = [:]
        headers.append(HTTPField(name: .idempotencyKey, value: "a"))
        headers.append(HTTPField(name: .idempotencyKey, value: "b"))
        #expect(throws: Problem.self) { try IdempotencyKey.optional(in: headers) }
    }

    @Test func asksForAnIdempotencyKeyWhereThereMustBeOne() {
        let error = #expect(throws: Problem.self) { try IdempotencyKey.required(in: [:]) }
        #expect(error?.code == "idempotency_key_required")
    }

    @Test func takesBearerTokensOnly() throws {
        #expect(try Authenticator.bearerToken([.authorization: "Bearer abc"]) == "abc")
        #expect(try Authenticator.bearerToken([.authorization: "bearer  abc "]) == "abc")
        let none = #expect(throws: Problem.self) { try Authenticator.bearerToken([:]) }
        #expect(none?.code == "token_required")
        #expect(none?.headers[.wwwAuthenticate] == "Bearer realm=\"shop\"")
        for bad in ["Basic abc", "Bearer", "abc", ""] {
            let error = #expect(throws: Problem.self) { try Authenticator.bearerToken([.authorization: bad]) }
            #expect(error?.code == "token_malformed")
            #expect(error?.status == .unauthorized)
        }
    }
}
