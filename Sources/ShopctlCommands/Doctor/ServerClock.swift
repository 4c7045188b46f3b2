import AsyncHTTPClient
import FoundationEssentials
import Hosting
import NIOCore
import NIOHTTP1
import Postgres
import Redis

/// The clocks of servers, compared with this host's.
enum ServerClock {
    /// The skew that an access token's verifier forgives, halved: two hosts may be off to either side.
    static let allowed = 2.5

    /// A server's clock and version at one moment.
    struct Reading: Sendable {
        /// Seconds that the server's clock is ahead of this host's.
        let ahead: Double
        /// The most that this can be wrong by, in seconds: the answer was on its way for that long.
        let uncertainty: Double
        let version: String?

        /// Seconds that the server's clock is ahead as far as this can tell: none where its measurement explains them.
        var certain: Double { abs(ahead) > uncertainty ? ahead : 0 }

        /// Whether the clocks differ for certain, and by more than is forgiven.
        var isOff: Bool { abs(ahead) - uncertainty > ServerClock.allowed }
    }

    /// Asks a database.
    static func ask(_ database: PostgresClient, now: @Sendable () -> Date) async throws -> Reading {
        // The first question also pays for connecting.
        try await database.ping()
        let before = now()
        let rows = try await database.query("SELECT clock_timestamp(), current_setting('server_version')")
        let after = now()
        let (time, version) = try rows.decode((Date, String).self)[0]
        return reading(time, before, after, version: version.split(separator: " ").first.map(String.init))
    }

    /// Asks Redis.
    static func ask(_ redis: RedisClient, now: @Sendable () -> Date) async throws -> Reading {
        try await redis.ping()
        let before = now()
        let reply = try await redis.send(["TIME"])
        let after = now()
        guard case .array(let parts) = reply, parts.count == 2,
            let seconds = text(parts[0]).flatMap(Double.init), let microseconds = text(parts[1]).flatMap(Double.init)
        else {
            throw RedisError(kind: .protocol, message: "TIME is answered with something else")
        }
        let time = Date(timeIntervalSince1970: seconds + microseconds / 1_000_000)
        // Not everybody may ask for that.
        let about = (try? await redis.send(["INFO", "server"])).flatMap(text) ?? ""
        let name = "redis_version:"
        let version = about.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name) }?.dropFirst(name.count)
        return reading(time, before, after, version: version.map(String.init))
    }

    private static func text(_ reply: RedisReply) -> String? {
        reply.bytesValue.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Asks a gateway by the `Date` of an answer; nil if it tells none.
    static func ask(gateway url: String, now: @Sendable () -> Date) async throws -> Reading? {
        let before = now()
        let request = HTTPClientRequest(url: "\(url)/.well-known/jwks.json")
        let answer = try await HTTPAnswer.to(request, within: 5)
        return reading(date: answer.headers.first(name: "Date"), before, now())
    }

    /// Reads a `Date` of HTTP, which has whole seconds; nil if it is none.
    static func reading(date: String?, _ before: Date, _ after: Date) -> Reading? {
        guard let time = date.flatMap(httpDate) else { return nil }
        // Up to a second was cut off, and a server may keep its date for another: the middle is wrong by one at most.
        let found = reading(time + 1, before, after, version: nil)
        return Reading(ahead: found.ahead, uncertainty: found.uncertainty + 1, version: nil)
    }

    static func reading(_ time: Date, _ before: Date, _ after: Date, version: String?) -> Reading {
        let half = after.timeIntervalSince(before) / 2
        return Reading(
            ahead: time.timeIntervalSince(before + half), uncertainty: max(0, half), version: version)
    }

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7); nil for anything else.
    static func httpDate(_ text: String) -> Date? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]),
            let month = months.firstIndex(of: words[2]).map({ $0 + 1 })
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3 else { return nil }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = time.map(two).joined(separator: ":")
        return try? Date("\(year)-\(two(month))-\(two(day))T\(clock)Z", strategy: Date.ISO8601FormatStyle())
    }
}
