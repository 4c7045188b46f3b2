import FoundationEssentials
import Glibc

/// The HTTP library and the gRPC library of the shop by themselves, and a load of gRPC calls: the anchors of reads.
@main
struct Bare {
    static let usage = """
        usage: bare http HOST:PORT FILE
               bare grpc HOST:PORT
               bare calls --target HOST:PORT --method SERVICE/METHOD --requests FILE [--clients N] [--connections N]
                          [--seconds S] [--warm-up S]

        http answers GET /bare with the file's bytes, grpc answers calls of bare.Bare/Echo with their own bytes; both on
        an IPv4 address, and print a line once they listen. calls has N clients that send random lines of FILE, messages
        in hexadecimal digits, one after the other, with the bearer token in BARE_TOKEN if there is one. Prints a line
        of JSON. A client ends with a call that fails.

        """

    /// A command line, or a file, that cannot be used.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch arguments.first {
            case "http":
                guard arguments.count == 3, let address = Address(arguments[1]) else { fail(usage, status: 64) }
                try await BareHTTP.serve(at: address, body: contents(of: arguments[2]))
            case "grpc":
                guard arguments.count == 2, let address = Address(arguments[1]) else { fail(usage, status: 64) }
                try await BareRPC.serve(at: address)
            case "calls":
                guard let options = CallLoadOptions(arguments.dropFirst()) else { fail(usage, status: 64) }
                let (result, seconds) = try await CallLoad(options).run()
                print(result.json(seconds: seconds))
                exit(result.latencies.isEmpty ? 1 : 0)
            default: fail(usage, status: 64)
            }
        } catch {
            fail("bare: \(error)\n", status: 66)
        }
    }

    /// Reads a file.
    ///
    /// - Throws: ``Failure`` that names it.
    static func contents(of path: String) throws(Failure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "cannot read \(path)")
        }
        return Array(data)
    }

    /// Says that a server listens.
    static func announce() {
        print("listening")
        fflush(nil)
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        Array(text.utf8).withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(status)
    }
}

/// An IPv4 address and a port.
struct Address: Sendable {
    let host: String
    let port: Int

    init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        self.host = String(parts[0])
        self.port = Int(port)
    }
}
