import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import ServiceLifecycle
import Telemetry

/// The listener for operators and orchestrators, apart from the public ones.
///
/// - `GET /livez`: 200 as long as the process answers; never looks at what it stands on.
/// - `GET /readyz`: 200 if every role is ready, else 503; `?verbose` lists every check, and tells the version.
/// - `GET /metrics`: the process's metrics as text.
/// - The routes of higher layers.
public final class AdminServer: ListeningService {
    private let address: HostPort
    private let health: HealthMonitor
    private let metrics: @Sendable () -> String
    private let version: String?
    private let routes: [AdminRoute]
    private let limits: HTTPLimits
    private let connections: ConnectionLimit
    private let logger: Logger
    private let listening = AddressPromise()

    /// Creates a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - address: Where it listens; port 0 for any free port.
    ///   - metrics: Writes the metrics in the text format of Prometheus.
    ///   - version: The version of the program; nil for none to tell.
    ///   - routes: Those of higher layers.
    ///   - limits: What one connection may cost.
    ///   - connections: How many connections there may be, half of them of one client; a further one ends the oldest, of
    ///     that client or of all, since probes must get through.
    public init(
        address: HostPort, health: HealthMonitor, metrics: @escaping @Sendable () -> String,
        version: String? = nil, routes: [AdminRoute] = [], limits: HTTPLimits = .nearby,
        connections: Int = ConnectionBudget.most.admin, logger: Logger
    ) {
        self.address = address
        self.health = health
        self.metrics = metrics
        self.version = version
        self.routes = routes
        self.limits = limits
        self.connections = ConnectionLimit(
            listener: "admin", total: connections, perClient: max(connections / 2, 1), surplus: .replacesOldest)
        self.logger = logger
    }

    public var listeningAddress: HostPort {
        get async throws { try await listening.value }
    }

    /// Serves until shut down gracefully.
    public func run() async throws {
        let router = Router(options: .autoGenerateHeadEndpoints)
        let own = pages
        router.add(middleware: UntakenRequests(routes: routes, own: own.map(\.path)))
        for page in own {
            router.get(RouterPath(page.path)) { request, _ in await page.answer(request) }
        }
        Self.add(routes, listening: listening, to: router)
        // The framework's own lines say nothing that is not said here.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: router.buildResponder(),
            server: HTTPServerBuilder { [limits, connections, logger] responder in
                HTTPConnection(
                    listener: "admin", limits: limits, connections: connections, logger: logger, responder: responder)
            },
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port)),
            onServerRunning: { [listening, address, logger] channel in
                let bound = HostPort(host: address.host, port: channel.localAddress?.port ?? address.port)
                logger.info("serving health and metrics", [.address: "\(bound)"])
                listening.settle(.success(bound))
            },
            logger: quiet)
        do {
            try await application.run()
            listening.settle(.failure(NotListening(description: "the admin listener has stopped")))
        } catch {
            let error = ListenError.naming(error, address, from: .adminListen)
            logger.error("the admin listener cannot serve", [.error: "\(error)", .address: "\(address)"])
            listening.settle(.failure(error))
            throw error
        }
    }

    private typealias Page = (path: String, answer: @Sendable (Request) async -> Response)

    /// The listener's own pages.
    private var pages: [Page] {
        [
            ("livez", { _ in Self.text("ok\n") }),
            (
                "readyz",
                { [health, version] request in
                    let report = await health.report()
                    let isVerbose = request.uri.queryParameters["verbose"] != nil
                    return Self.text(
                        isVerbose ? Self.describe(report, version) : report.isReady ? "ok\n" : "not ready\n",
                        status: report.isReady ? .ok : .serviceUnavailable)
                }
            ),
            ("metrics", { [metrics] _ in Self.text(metrics(), type: PrometheusRegistry.contentType) }),
        ]
    }

    private static func text(
        _ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// One line for each check, `+` for a passing one, `-` for a failing one, `!` for one that is only reported.
    private static func describe(_ report: HealthReport, _ version: String?) -> String {
        var lines = report.entries.map { entry in
            let mark = entry.isPassing ? "+" : entry.isRequired ? "-" : "!"
            return "[\(mark)] \(entry.role.rawValue) \(entry.name)\(entry.failure.map { ": \($0)" } ?? "")"
        }
        switch report.phase {
        case .starting: lines.append("[-] starting: the servers do not listen yet")
        case .draining: lines.append("[-] draining: about to stop")
        case .running: break
        }
        if let version { lines.append("version \(version)") }
        lines.append(report.isReady ? "ready" : "not ready")
        return lines.joined(separator: "\n") + "\n"
    }
}
