import Glibc
import Synchronization

/// Clients of an HTTP server that send as fast as they are answered, or at a fixed rate.
@main
struct Load {
    static func main() {
        guard let options = LoadOptions(Array(CommandLine.arguments.dropFirst())) else {
            fail(LoadOptions.usage, status: 64)
        }
        do {
            let requests = try RequestTemplate.read(options.requests, headers: options.headers)
            let load = Load(options: options, requests: requests)
            let (result, seconds) = load.run()
            print(result.json(seconds: seconds))
            exit(result.latencies.isEmpty ? 1 : 0)
        } catch {
            fail("shop-load: \(error)\n", status: 66)
        }
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        Array(text.utf8).withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(status)
    }

    let options: LoadOptions
    let requests: [RequestTemplate]

    /// The moments of a run, in nanoseconds of the monotonic clock.
    private struct Schedule: Sendable {
        let begin: UInt64
        let measured: UInt64
        let end: UInt64
    }

    /// The state that all clients of a run share.
    private final class Shared: Sendable {
        let next = Atomic<Int>(0)
        let result = Mutex(LoadResult())
    }

    func run() -> (LoadResult, seconds: Double) {
        let begin = Self.now()
        let measured = begin + UInt64(options.warmUp * 1e9)
        let schedule = Schedule(
            begin: begin, measured: measured, end: options.once ? .max : measured + UInt64(options.seconds * 1e9))
        let shared = Shared()
        let threads = (0..<options.clients).map { number in
            Self.thread {
                let seen = client(number, schedule, shared)
                shared.result.withLock { $0.add(seen) }
            }
        }
        for thread in threads { pthread_join(thread, nil) }
        return (shared.result.withLock { $0 }, Double(Self.now() - measured) / 1e9)
    }

    private func client(_ number: Int, _ schedule: Schedule, _ shared: Shared) -> LoadResult {
        var result = LoadResult()
        var random = SystemRandomNumberGenerator()
        let interval = options.rate.map { UInt64(Double(options.clients) * 1e9 / $0) }
        var due = schedule.begin + (interval ?? 0) * UInt64(number) / UInt64(options.clients)
        do {
            let target = options.targets[number % options.targets.count]
            var connection = try HTTPConnection(host: target.host, port: target.port)
            while true {
                if interval != nil { Self.sleep(until: due) }
                let begin = interval == nil ? Self.now() : due
                guard begin < schedule.end, let request = nextRequest(&random, shared) else { break }
                let (status, body) = try connection.exchange(request.bytes(&random))
                if let interval { due = begin + interval }
                let isMeasured = begin >= schedule.measured
                if (200..<300).contains(status), options.expect.map({ Self.contains(body, $0) }) ?? true {
                    result.exchanges += 1
                    if isMeasured { result.latencies.append(UInt32(clamping: (Self.now() - begin) / 1000)) }
                } else if isMeasured {
                    result.failures += 1
                    result.firstFailure =
                        result.firstFailure ?? "\(status) \(String(decoding: body.prefix(300), as: UTF8.self))"
                }
            }
        } catch {
            result.failures += 1
            result.firstFailure = "\(error)"
        }
        return result
    }

    private func nextRequest(_ random: inout SystemRandomNumberGenerator, _ shared: Shared) -> RequestTemplate? {
        guard options.once else { return requests.randomElement(using: &random) }
        let number = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < requests.count ? requests[number] : nil
    }

    private static func contains(_ body: ArraySlice<UInt8>, _ text: [UInt8]) -> Bool {
        guard body.count >= text.count else { return false }
        return (body.startIndex...(body.endIndex - text.count)).contains { body[$0...].starts(with: text) }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func sleep(until moment: UInt64) {
        var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
        clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil)
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box)
        precondition(code == 0, "no thread: \(code)")
        return thread
    }
}
