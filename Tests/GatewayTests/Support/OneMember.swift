@testable import Gateway

/// An object with one member.
struct OneMember<Value: JSONWritable>: JSONWritable {
    let name: StaticString
    let value: Value

    init(_ name: StaticString, _ value: Value) {
        self.name = name
        self.value = value
    }

    func write(to json: inout JSONWriter) {
        json.object { $0.member(name, value) }
    }
}
