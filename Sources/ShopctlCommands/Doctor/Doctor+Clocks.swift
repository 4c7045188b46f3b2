import FoundationEssentials
import Hosting
import Logging
import RabbitMQ
import Redis

/// The clocks of all servers.
extension Doctor {
    /// Those of the databases.
    func checkDatabaseClocks(_ databases: DoctorDatabases, _ seen: inout DoctorExamination) async {
        for role in Role.allCases {
            guard let client = databases.clients[role] else { continue }
            do {
                seen.note(
                    try await ServerClock.ask(client, now: now), of: "database of \(role.rawValue)",
                    subject: role.rawValue)
            } catch {
                seen.unchecked.append(("clock of \(role.rawValue)", MigrationFailures.text(of: error)))
            }
        }
    }

    /// Those of a gateway, Redis and the broker, as far as a status has found them.
    func checkClocks(besides shop: ShopStatus, _ seen: inout DoctorExamination) async {
        await checkGatewayClock(&seen)
        if shop.redis.value != nil { await checkRedisClock(&seen) }
        if shop.broker.value != nil { await checkBrokerClock(&seen) }
    }

    private func checkGatewayClock(_ seen: inout DoctorExamination) async {
        guard let gateway else { return }
        do {
            let reading = try await ServerClock.ask(gateway: gateway, now: now)
            seen.sources.append(DoctorSource(name: "gateway", state: "ok"))
            if let reading { seen.note(reading, of: "gateway", subject: "gateway") }
        } catch {
            seen.sources.append(DoctorSource(name: "gateway", state: "away", reason: "nobody answers at \(gateway)"))
        }
    }

    private func checkRedisClock(_ seen: inout DoctorExamination) async {
        guard let url = configuration.redisURL else { return }
        do {
            let client = RedisClient(configuration: try RedisConfiguration(url: url), logger: .command("doctor"))
            let result: Result<ServerClock.Reading, any Error>
            do { result = .success(try await ServerClock.ask(client, now: now)) } catch { result = .failure(error) }
            await client.close()
            seen.note(try result.get(), of: "redis", subject: "redis", matters: "limits of requests go by it")
        } catch {
            seen.unchecked.append(("clock of redis", Diagnosis(error).causes.first ?? "\(error)"))
        }
    }

    private func checkBrokerClock(_ seen: inout DoctorExamination) async {
        let what = "clock of broker"
        do {
            let broker = try configuration.broker(name: "shopctl-doctor")
            guard let management = try configuration.management(virtualHost: broker.virtualHost) else {
                return seen.unset.append(what)
            }
            guard let reading = try await management.clock(now: now) else {
                return seen.unchecked.append((what, "the management interface tells no time"))
            }
            seen.note(reading, of: "broker", subject: "broker", matters: "the times in its log go by it")
        } catch {
            seen.unchecked.append((what, Diagnosis(error).message ?? "\(error)"))
        }
    }
}

extension DoctorExamination {
    /// Takes over what a server's clock says.
    mutating func note(
        _ reading: ServerClock.Reading, of name: String, subject: String,
        matters consequence: String = "tokens and deadlines go by it"
    ) {
        for index in sources.indices where sources[index].name == name {
            sources[index].clockAhead = Int64((reading.certain * 1000).rounded())
            sources[index].clockPrecision = reading.uncertainty
            sources[index].version = sources[index].version ?? reading.version
        }
        guard reading.isOff else { return }
        let direction = reading.ahead > 0 ? "ahead of" : "behind"
        findings.append(
            DoctorFinding(
                .warning(
                    "clock_skew", subject,
                    "its clock is \(Timestamp.span(abs(reading.ahead))) \(direction) this host's: "
                        + consequence, next: "timedatectl status"),
                evidence: ["measured to \(Timestamp.span(reading.uncertainty))"]))
    }
}
