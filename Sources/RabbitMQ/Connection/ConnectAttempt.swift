import DriverSupport

/// One attempt to connect: every address of every host in turn. With TLS every host has its share of the time, which its
/// addresses have in common.
struct ConnectAttempt {
    /// Long enough for the several round trips of a handshake.
    private static let shortestShare = Duration.milliseconds(50)

    private let configuration: RabbitMQConfiguration
    private let turn: Int

    /// - Parameters:
    ///   - turn: Which endpoint is tried first, counted round and round.
    init(_ configuration: RabbitMQConfiguration, turn: Int) {
        self.configuration = configuration
        self.turn = turn
    }

    /// Opens the first address that can be used.
    ///
    /// - Throws: What will be the same everywhere, at once; else an error that tells of each endpoint.
    func run<Connection>(
        isCancelled: () -> Bool,
        open: (Endpoint, SocketAddress?, MonotonicTime) throws(RabbitMQError) -> Connection
    ) throws(RabbitMQError) -> Connection {
        let endpoints = configuration.endpoints
        var schedule = ConnectSchedule(
            endpoints.map(addresses), turn: turn, within: configuration.connectTimeout,
            shortestShare: Self.shortestShare)
        while !isCancelled(), let next = schedule.next() {
            do throws(RabbitMQError) {
                return try open(endpoints[next.host], next.address, next.deadline)
            } catch {
                if error.isSameAtEveryHost { throw error }
                schedule.failed(error)
            }
        }
        throw summary(schedule.failures.map(\.reason))
    }

    /// The endpoint's addresses; nil for one that the library looks up itself.
    private func addresses(of endpoint: Endpoint) -> Result<[SocketAddress?], RabbitMQError> {
        // The library has no other way to check a certificate against the host's name than to connect by it.
        if configuration.tls != nil { return .success([nil]) }
        do throws(SystemError) {
            return .success(try SocketAddress.resolve(host: endpoint.host, port: endpoint.port))
        } catch {
            return .failure(RabbitMQError(.connectionFailed, "\(endpoint.host): \(error)"))
        }
    }

    private func summary(_ failures: [RabbitMQError]) -> RabbitMQError {
        // A refusal tells more than a host that is away.
        guard var error = failures.first(where: { $0.kind != .connectionFailed }) ?? failures.first else {
            return RabbitMQError(.connectionFailed, "not connected")
        }
        error.text = failures.map(\.text).joined(separator: "; ")
        return error
    }
}

extension RabbitMQError {
    /// Whether no other host of the same broker would answer otherwise.
    fileprivate var isSameAtEveryHost: Bool { kind == .configuration || kind == .authentication }
}
