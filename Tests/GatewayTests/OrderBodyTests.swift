import HTTPTypes
import Testing

@testable import Gateway

@Suite struct OrderBodyTests {
    private func problem(_ json: String) -> Problem? {
        do throws(Problem) {
            _ = try JSONBody.read(NewOrder.self, from: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func readsAnOrder() throws {
        let json =
            #"{"items":[{"product_id":7,"quantity":2,"price":1500},{"product_id":8,"quantity":1}],"user_id":3}"#
        let order = try JSONBody.read(NewOrder.self, from: Array(json.utf8))
        #expect(order.userID == 3)
        #expect(order.items.map(\.productID) == [7, 8])
        #expect(order.items.map(\.quantity) == [2, 1])
        #expect(order.items.map(\.price) == [1500, nil])
    }

    @Test(arguments: [
        ("{}", "items"),
        (#"{"items":null}"#, "items"),
        (#"{"items":{}}"#, "items"),
        (#"{"items":[]}"#, "items"),
        (#"{"items":[5]}"#, "items[0]"),
        (#"{"items":[{"quantity":1}]}"#, "items[0].product_id"),
        (#"{"items":[{"product_id":0,"quantity":1}]}"#, "items[0].product_id"),
        (#"{"items":[{"product_id":1,"quantity":1},{"product_id":1}]}"#, "items[1].quantity"),
        (#"{"items":[{"product_id":1,"quantity":0}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":-1}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":"1"}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":true}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":null}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":1.5}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":1e400}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":9223372036854775808}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":1000001}]}"#, "items[0].quantity"),
        (#"{"items":[{"product_id":1,"quantity":1,"price":-1}]}"#, "items[0].price"),
        (#"{"items":[{"product_id":1,"quantity":1,"price":0}]}"#, "items[0].price"),
        (#"{"items":[{"product_id":1,"quantity":1}],"user_id":"me"}"#, "user_id"),
        ("[]", "the body"),
        ("5", "the body"),
    ])
    func namesTheFieldThatIsWrong(_ json: String, _ field: String) {
        let problem = problem(json)
        #expect(problem?.status == .badRequest)
        #expect(problem?.code == "invalid_field")
        #expect(problem?.errors.map(\.field) == [field])
        #expect(problem?.detail.hasPrefix(field) == true)
    }

    @Test func namesEveryFieldThatIsWrong() {
        let problem = problem(#"{"items":[{"product_id":0,"quantity":0}]}"#)
        #expect(problem?.errors.map(\.field) == ["items[0].product_id", "items[0].quantity"])
    }

    @Test func refusesTooManyItemsBeforeLookingAtThem() {
        let items = Array(repeating: "5", count: 10_000).joined(separator: ",")
        let problem = problem(#"{"items":[\#(items)]}"#)
        #expect(problem?.code == "too_many_items")
        #expect(problem?.errors.map(\.field) == ["items"])
    }

    @Test(arguments: ["", "{", #"{"items":[],}"#, "nothing"])
    func tellsWhatIsNotJSONApart(_ text: String) {
        #expect(problem(text)?.code == "malformed_json")
        #expect(problem(text)?.status == .badRequest)
    }
}
