/// The load's settings, from the command line.
struct LoadOptions: Sendable {
    static let usage = """
        usage: shop-load --target HOST:PORT[,...] --requests FILE [--clients N] [--seconds S | --once] [--warm-up S]
                         [--rate N] [--expect TEXT] [--header 'NAME: VALUE']...

        Each client has a connection, to the targets in turn, and sends random lines of FILE, one after the other, or
        with --rate at N a second in all, each measured from the moment it was due. With --once every line is sent
        once. A line is METHOD PATH [TOKEN [BODY]], by tabs. An exchange succeeds if its status is 2xx and its body
        has TEXT. Prints a line of JSON.

        """

    /// An IPv4 address and a port.
    struct Target: Sendable {
        let host: String
        let port: UInt16

        init?(_ text: Substring) {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
            self.host = String(parts[0])
            self.port = port
        }
    }

    var targets: [Target] = []
    var requests = ""
    var clients = 64
    var seconds = 10.0
    var warmUp = 0.0
    var once = false
    var rate: Double?
    var expect: [UInt8]?
    var headers: [String] = []

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--once" {
                once = true
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch name {
            case "--target":
                let names = value.split(separator: ",")
                targets = names.compactMap(Target.init)
                guard targets.count == names.count else { return nil }
            case "--requests": requests = value
            case "--clients":
                guard let number = Int(value), number > 0 else { return nil }
                clients = number
            case "--seconds", "--warm-up", "--rate":
                guard let number = Double(value), number > 0 else { return nil }
                if name == "--seconds" {
                    seconds = number
                } else if name == "--rate" {
                    rate = number
                } else {
                    warmUp = number
                }
            case "--expect": expect = Array(value.utf8)
            case "--header": headers.append(value)
            default: return nil
            }
        }
        guard !targets.isEmpty, !requests.isEmpty else { return nil }
    }
}
