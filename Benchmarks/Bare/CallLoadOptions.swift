/// The settings of a load of calls, from the command line.
struct CallLoadOptions: Sendable {
    var target: Address
    /// As in products.Products/GetOneProduct.
    var service = ""
    var method = ""
    var requests = ""
    var clients = 64
    var connections = 2
    var seconds = 10.0
    var warmUp = 0.0

    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        var target: Address?
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch name {
            case "--target": target = Address(value)
            case "--method":
                let parts = value.split(separator: "/")
                guard parts.count == 2 else { return nil }
                service = String(parts[0])
                method = String(parts[1])
            case "--requests": requests = value
            case "--clients", "--connections":
                guard let number = Int(value), number > 0 else { return nil }
                if name == "--clients" { clients = number } else { connections = number }
            case "--seconds", "--warm-up":
                guard let number = Double(value), number > 0 else { return nil }
                if name == "--seconds" { seconds = number } else { warmUp = number }
            default: return nil
            }
        }
        guard let target, !method.isEmpty, !requests.isEmpty else { return nil }
        self.target = target
    }
}
