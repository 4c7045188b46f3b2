import ArgumentParser
import DevStack
import FoundationEssentials
import Glibc
import Hosting
import Logging
import Telemetry
import UnixSignals

extension DevCommand {
    /// `shopctl dev up`
    struct DevUp: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "up",
            abstract: "Start a private shop, and run it until it is stopped.",
            discussion: """
                Takes about 8 s. Data is kept between starts, unless --ephemeral: that lives in the temporary \
                directory, is written without regard for crashes, and is deleted at the end. The ports are those \
                of the last start, else the default ones, else any that are free; an ephemeral shop leaves the \
                default ports to others.

                When all is up it prints where everything is, then a line 'ready' (all on standard error), and writes \
                --ready-file. Ctrl-C or SIGTERM stops everything in order; a second one at once. If one of its servers \
                ends by itself the rest is stopped too, with exit status 69.

                --seed is for a first look: as soon as the shop serves, a small demonstration is put in, as by \
                'shop seed', with people who have money, products and orders. At a later start on the same data what \
                is there is found, and nothing is made twice.

                EXAMPLES:
                  shopctl dev up
                  shopctl dev up --seed
                  shopctl dev up --ephemeral --ready-file ready.json
                  shopctl dev up --data-dir ~/shop --saga-deadline 30 \\
                    --gateway-listen 127.0.0.1:8000
                """)

        @Option(
            help: ArgumentHelp(
                """
                Where data, logs and state are kept; by default in SHOPCTL_DEV_DIRECTORY, or else in \
                /var/lib/shopctl/dev for root, $XDG_STATE_HOME/shopctl/dev or ~/.local/state/shopctl/dev for others.
                """, valueName: "dir"), completion: .directory)
        var dataDir: String?
        @Flag(help: "Keep nothing: a directory of its own, deleted at the end.")
        var ephemeral = false
        @Flag(help: "Give RabbitMQ its management interface; 'dev env' prints its URL.")
        var management = false
        @Flag(help: "Start PostgreSQL, RabbitMQ and Redis, and no shop.")
        var onlyServers = false
        @Flag(help: "Fill the shop with a small demonstration, as 'shop seed' does.")
        var seed = false
        @Option(
            help: ArgumentHelp(
                "Write the state of the shop here, as 'dev status -o json', when it is ready.", valueName: "file"),
            completion: .file())
        var readyFile: String?
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard !ephemeral || dataDir == nil else {
                throw ValidationError("--ephemeral has a directory of its own: leave --data-dir out")
            }
            guard !seed || !onlyServers else {
                throw ValidationError("--seed fills a shop, and --only-servers starts none: leave one of them out")
            }
        }

        func run(_ context: CommandContext) async throws {
            let registry = PrometheusRegistry()
            try settings.load(context).startLogging(context, atLeast: .warning, registry: registry)
            if context.obeysSignals { StandardError.queue() }
            let shop = Task { try await runStack(context, registry) }
            let signals = context.obeysSignals ? Task { await Self.stopOnSignals(shop, context) } : nil
            defer { signals?.cancel() }
            try await withTaskCancellationHandler {
                try await shop.value
            } onCancel: {
                shop.cancel()
            }
        }

        /// From the first server's start to the last one's end.
        private func runStack(_ context: CommandContext, _ registry: PrometheusRegistry) async throws {
            let begun = ContinuousClock.now
            // Told before anything is started.
            if let readyFile { _ = try FileTarget(readyFile, takesSpecial: true) }
            let stack: DevStack
            do {
                stack = try await DevStack.start(
                    DevStackOptions(
                        dataDirectory: ephemeral ? nil : dataDir ?? StackOption.kept(context), ephemeral: ephemeral,
                        management: management),
                    logger: .command("dev")
                ) { context.note($0) }
            } catch is CancellationError {
                context.note("stopped")
                return
            }
            let result = await Self.firstFailure(
                { try await runShop(on: stack, since: begun, context, registry) },
                { try await Self.reportExit(of: stack) })
            await stack.stop()
            if let readyFile { try? FileTarget(readyFile, takesSpecial: true).clear() }
            context.note("stopped")
            try result.get()
        }

        /// The first failure of any of them; one that ends stops the others. Being stopped is no failure.
        private static func firstFailure(
            _ bodies: (@Sendable () async throws -> Void)...
        ) async -> Result<Void, any Error> {
            await withTaskGroup(of: Result<Void, any Error>.self) { group in
                for body in bodies {
                    group.addTask {
                        do {
                            return .success(try await body())
                        } catch is CancellationError {
                            return .success(())
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                var outcome: Result<Void, any Error> = .success(())
                for await next in group {
                    group.cancelAll()
                    if case .success = outcome { outcome = next }
                }
                return outcome
            }
        }

        /// Waits until a server ends that was not stopped.
        private static func reportExit(of stack: DevStack) async throws {
            for await exit in stack.unexpectedExits {
                throw CommandFailure(
                    .unreachable,
                    "\(exit.server.displayName) has ended unexpectedly (\(exit.status)); its log: \(exit.log)")
            }
        }

        private func runShop(
            on stack: DevStack, since begun: ContinuousClock.Instant, _ context: CommandContext,
            _ registry: PrometheusRegistry
        ) async throws {
            let shop = DevShop(stack: stack, settings: settings, context: context)
            if onlyServers {
                let configuration = try await shop.prepareServers()
                try shop.publish([:], configuration)
                try await announce(stack, since: begun, nil, context)
                try await Task.sleep(for: .seconds(Int32.max))
                return
            }
            let configuration = try await shop.prepare()
            // Not before the servers were started, which would take the limit for theirs.
            OpenFiles.raiseLimit()
            let host = try Composition(
                configuration: configuration, roles: Set(Role.allCases), registry: registry,
                logger: Logger(label: "shopctl")
            ).makeHost(stopsOnSignals: false)
            // A task of its own: this one's cancellation must stop the host in order, not cut it off.
            let running = Task { try await ListenFailure.naming { try await host.run() } }
            do {
                try await withTaskCancellationHandler {
                    let addresses = try await DevShop.addresses(of: host)
                    try shop.publish(addresses, configuration)
                    let demo = seed ? try await shop.fill(at: addresses, configuration) : nil
                    try await announce(stack, since: begun, demo, context)
                    try await running.value
                } onCancel: {
                    Task { await host.stop() }
                }
            } catch {
                await host.stop()
                // Why the host could not run says more than what came of it here.
                try await running.value
                // Calls that were cut off by it say so in words of their own.
                try Task.checkCancellation()
                throw error
            }
        }

        private func announce(
            _ stack: DevStack, since begun: ContinuousClock.Instant, _ demo: DemoReport?, _ context: CommandContext
        ) async throws {
            let banner = DevBanner(state: stack.state, took: ContinuousClock.now - begun, demo: demo)
            context.standardError(banner.text(isUsual: stack.directory == StackOption.usual(context)))
            if let readyFile {
                let status = StackStatus(status: try await DevStack.status(directory: stack.directory))
                let text = try Renderer.text(status, as: .json, style: .plain)
                try FileDraft.write(Array(text.utf8), to: FileTarget(readyFile, takesSpecial: true))
            }
            context.note("ready")
        }

        /// The first signal stops in order, the second at once; the stack's watchdog then ends the servers.
        private static func stopOnSignals(_ shop: Task<Void, any Error>, _ context: CommandContext) async {
            var isStopping = false
            for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) {
                guard !isStopping else { _exit(ExitStatus.failure.rawValue) }
                isStopping = true
                shop.cancel()
                context.note("stopping")
            }
        }
    }
}
