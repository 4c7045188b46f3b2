import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import Hosting
import NIOCore
import NIOHTTP1

/// `shopctl health`
struct HealthCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a server process whether it is ready.",
        discussion: """
            Asks the admin listener of a process and shows every check: the one of --address, else of the URL in \
            SHOPCTL_ADMIN_URL, else that of admin.listen on this machine; which one is told. What a container's \
            health check or a deployment script runs: it needs no other program.

            Exit status 0 if it is ready, 2 if it is not, 69 if nobody answers.

            EXAMPLES:
              shopctl health
              shopctl health --address 127.0.0.1:9000 -o json
              shopctl health --wait 60s && echo up
            """)

    @Option(
        help: ArgumentHelp("The admin listener (default: SHOPCTL_ADMIN_URL, or admin.listen).", valueName: "host:port"))
    var address: AddressArgument?
    @Option(help: ArgumentHelp("Ask again until it is ready, for so long at most: 30s, 5m.", valueName: "span"))
    var wait: SpanArgument?
    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: ConfigurationOptions

    func run(_ context: CommandContext) async throws {
        let configuration = try settings.begin(context)
        let (place, origin) = try Readiness.whom(address, configuration, context)
        let end = ContinuousClock.now + (wait?.duration ?? .zero)
        while true {
            let answer: Result<Readiness, any Error>
            do { answer = .success(try await Readiness.ask(place, origin)) } catch { answer = .failure(error) }
            if case .success(let readiness) = answer, readiness.isReady {
                try output.write(readiness, context)
                return
            }
            guard ContinuousClock.now < end else {
                let readiness = try answer.get()
                try output.write(readiness, context)
                throw CommandFailure(
                    .no, "the process is not ready", hint: "shopctl health --address \(place) --wait 60s",
                    object: "\(place), by \(origin)")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// An address given as `host:port`.
struct AddressArgument: ExpressibleByArgument, Sendable {
    let place: HostPort

    init?(argument: String) {
        guard let place = HostPort(argument) else { return nil }
        self.place = place
    }
}

/// The word of a process on its readiness.
struct Readiness: Report {
    /// One check of it.
    struct Check: Sendable, Equatable {
        /// `+` passes, `-` fails and keeps the process from being ready, `!` fails and is only reported.
        let mark: Character
        let text: String
    }

    let address: HostPort
    /// The reason that this is the one to ask: a flag, a variable or a setting.
    let origin: String
    let isReady: Bool
    let checks: [Check]
    /// The version of the program; nil for one that does not tell.
    let version: String?

    /// Asks an admin listener.
    ///
    /// - Throws: ``CommandFailure`` if nobody answers.
    static func ask(_ address: HostPort, _ origin: String) async throws -> Readiness {
        let request = HTTPClientRequest(url: "http://\(address)/readyz?verbose")
        do {
            let answer = try await HTTPAnswer.to(request, within: 5)
            return Readiness(
                address: address, origin: origin, isReady: answer.status == 200, text: String(buffer: answer.body))
        } catch {
            // By that setting it is this machine's, which may be none that was meant.
            let isMeant = origin != Self.local
            throw CommandFailure(
                .unreachable, "nobody answers",
                hint: (isMeant ? "shopctl serve all" : ContextChoice.hint)
                    + ", or shopctl health --address host:port",
                object: "\(address), by \(origin)")
        }
    }

    init(address: HostPort, origin: String, isReady: Bool, text: String) {
        self.address = address
        self.origin = origin
        self.isReady = isReady
        checks = text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("["), let mark = line.dropFirst().first else { return nil }
            return Check(mark: mark, text: String(line.dropFirst(4)))
        }
        version = text.split(separator: "\n").first { $0.hasPrefix("version ") }.map { String($0.dropFirst(8)) }
    }

    var body: ReportBody {
        .one([
            "address": .text("\(address)"), "address_from": .text(origin), "version": .optional(version),
            "ready": .bool(isReady),
            "checks": .records(
                checks.map {
                    ["check": .text($0.text), "passes": .bool($0.mark == "+"), "required": .bool($0.mark != "!")]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        checks.map { "[\($0.mark)] \(Printable.line($0.text))\n" }.joined()
            + "\(address), by \(origin): \(isReady ? "ready" : "not ready")\n"
    }
}
