import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2

/// Clients of a gRPC server, on a few connections, that call as fast as they are answered.
struct CallLoad: Sendable {
    private typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

    /// The moments of a run.
    private struct Schedule: Sendable {
        let measured: ContinuousClock.Instant
        let end: ContinuousClock.Instant
    }

    private let options: CallLoadOptions
    private let method: MethodDescriptor
    private let requests: [[UInt8]]
    private let metadata: Metadata

    /// Reads the messages that are to be sent.
    ///
    /// - Throws: ``Bare/Failure`` if the file cannot be used.
    init(_ options: CallLoadOptions) throws(Bare.Failure) {
        self.options = options
        self.method = MethodDescriptor(
            fullyQualifiedService: options.service, method: options.method, type: .unary)
        let lines = try Bare.contents(of: options.requests).split(separator: UInt8(ascii: "\n"))
        self.requests = lines.compactMap(Self.bytes)
        guard requests.count == lines.count, !requests.isEmpty else {
            throw Bare.Failure(description: "\(options.requests): a line is a message in hexadecimal digits")
        }
        let token = ProcessInfo.processInfo.environment["BARE_TOKEN"] ?? ""
        self.metadata = token.isEmpty ? [:] : ["authorization": "Bearer \(token)"]
    }

    /// Calls for the set time.
    ///
    /// - Returns: All exchanges, and the seconds that the measured ones took.
    func run() async throws -> (LoadResult, seconds: Double) {
        let clients = try (0..<options.connections).map { _ in
            Client(
                transport: try HTTP2ClientTransport.Posix(
                    target: .ipv4(address: options.target.host, port: options.target.port),
                    transportSecurity: .plaintext))
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { try await client.runConnections() } }
            let measured = ContinuousClock.now + .seconds(options.warmUp)
            let result = await exchanges(
                clients, Schedule(measured: measured, end: measured + .seconds(options.seconds)))
            let seconds = (ContinuousClock.now - measured) / .seconds(1)
            for client in clients { client.beginGracefulShutdown() }
            try await group.waitForAll()
            return (result, seconds)
        }
    }

    private func exchanges(_ clients: [Client], _ schedule: Schedule) async -> LoadResult {
        await withTaskGroup(of: LoadResult.self) { group in
            for number in 0..<options.clients {
                group.addTask { await calls(clients[number % clients.count], schedule) }
            }
            return await group.reduce(into: LoadResult()) { $0.add($1) }
        }
    }

    private func calls(_ client: Client, _ schedule: Schedule) async -> LoadResult {
        var result = LoadResult()
        // A server that is not there fails the call, instead of keeping it for ever.
        var callOptions = CallOptions.defaults
        callOptions.waitForReady = false
        do {
            while true {
                let begin = ContinuousClock.now
                guard begin < schedule.end, let request = requests.randomElement() else { break }
                _ = try await client.unary(
                    request: ClientRequest(message: request, metadata: metadata), descriptor: method,
                    serializer: Bytes(), deserializer: Bytes(), options: callOptions
                ) { try $0.message }
                result.exchanges += 1
                guard begin >= schedule.measured else { continue }
                result.latencies.append(UInt32(clamping: Int((ContinuousClock.now - begin) / .microseconds(1))))
            }
        } catch {
            result.failures += 1
            result.firstFailure = "\(error)"
        }
        return result
    }

    /// The bytes that an even number of hexadecimal digits tells; nil if the text is anything else.
    private static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
