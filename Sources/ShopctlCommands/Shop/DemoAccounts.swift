import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Accounts of a demonstration's people, opened as anybody opens one: by the gateway's REST.
struct DemoAccounts: Sendable {
    /// The most that an answer may hold.
    private static let answerLimit = 1 << 20

    /// Scheme, host and port, without a slash at the end.
    let gateway: String
    let password: String
    /// Tells that the gateway wants to be asked later.
    let isWaiting: @Sendable (Duration) -> Void

    /// Opens an account, or finds the one that is there.
    ///
    /// - Returns: The user's id, and whether the account is new.
    /// - Throws: ``CommandFailure``, also if the account that is there has another password.
    func open(_ person: DemoPlan.Person) async throws -> (id: Int64, isNew: Bool) {
        let account = try await post(
            "/auth/signup", SignUp(name: person.name, email: person.email, password: password))
        switch account.status {
        case 200:
            guard let id = account.decode(Created.self)?.id else { throw unreadable("/auth/signup") }
            return (id, true)
        case 409: return (try await signIn(person).id, false)
        default: throw refusal(account, person)
        }
    }

    /// Passes if an account that is there has the password. The session that this opens is ended.
    ///
    /// - Throws: ``CommandFailure``, as ``open(_:)``.
    func verify(_ person: DemoPlan.Person) async throws {
        _ = try await post("/auth/signout", SignOut(refresh_token: try await signIn(person).refreshToken))
    }

    /// The refusal of an account that is there and has another password.
    static func taken(_ person: DemoPlan.Person) -> CommandFailure {
        CommandFailure(
            .badData, "a demo person has another password than that of the file",
            hint: "--password-file with the file of the first run, or --seed with another number",
            code: .demoPersonTaken, object: person.email)
    }

    private func signIn(_ person: DemoPlan.Person) async throws -> (id: Int64, refreshToken: String) {
        let session = try await post("/auth/signin", SignIn(email: person.email, password: password))
        switch session.status {
        case 200:
            guard let tokens = session.decode(Session.self), let id = Self.subject(of: tokens.access_token) else {
                throw unreadable("/auth/signin")
            }
            return (id, tokens.refresh_token)
        case 401: throw Self.taken(person)
        default: throw refusal(session, person)
        }
    }

    /// Passes if a gateway answers.
    static func check(gateway: String) async throws {
        let path = "/.well-known/jwks.json"
        let status: UInt
        do {
            let request = HTTPClientRequest(url: gateway + path)
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(15))
            _ = try await response.body.collect(upTo: answerLimit)
            status = response.status.code
        } catch let error as CancellationError {
            throw error
        } catch {
            throw unreachable(gateway, HTTPFault.text(of: error, after: 15))
        }
        guard status == 200 else { throw unreachable(gateway, "\(path) is answered with status \(status)") }
    }

    private static func unreachable(_ gateway: String, _ cause: String) -> CommandFailure {
        CommandFailure(
            .unreachable, "the gateway does not answer", hint: "shopctl health", code: .roleUnreachable,
            object: gateway, causes: [cause])
    }

    // MARK: - Calls

    private struct SignUp: Encodable {
        let name: String
        let email: String
        let password: String
    }

    private struct SignIn: Encodable {
        let email: String
        let password: String
    }

    private struct Created: Decodable {
        let id: Int64
    }

    private struct SignOut: Encodable {
        let refresh_token: String
    }

    private struct Session: Decodable {
        let access_token: String
        let refresh_token: String
    }

    private struct Problem: Decodable {
        let detail: String?
    }

    private struct Claims: Decodable {
        let sub: String
    }

    private struct Answer {
        let status: UInt
        let body: Data
        let retryAfter: Int64?

        func decode<Value: Decodable>(_ type: Value.Type) -> Value? { try? JSONDecoder().decode(type, from: body) }
    }

    /// Asks, and asks again where the gateway is busy or limits this client.
    private func post(_ path: String, _ body: some Encodable) async throws -> Answer {
        for attempt in 1... {
            let answer = try await send(path, body)
            guard answer.status == 429 || answer.status == 503, attempt < 20 else { return answer }
            let pause = Duration.seconds(min(max(1, answer.retryAfter ?? 1), 120))
            isWaiting(pause)
            try await Task.sleep(for: pause)
        }
        throw unreadable(path)
    }

    private func send(_ path: String, _ body: some Encodable) async throws -> Answer {
        var request = HTTPClientRequest(url: gateway + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            let bytes = try await response.body.collect(upTo: Self.answerLimit)
            return Answer(
                status: response.status.code, body: Data(bytes.readableBytesView),
                retryAfter: response.headers.first(name: "Retry-After").flatMap { Int64($0) })
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Self.unreachable(gateway, HTTPFault.text(of: error, after: 60))
        }
    }

    private func refusal(_ answer: Answer, _ person: DemoPlan.Person) -> CommandFailure {
        let detail = answer.decode(Problem.self)?.detail ?? "status \(answer.status)"
        return CommandFailure(
            answer.status >= 500 || answer.status == 429 ? .tryAgain : .badData,
            "the gateway gives no account: \(detail)", object: person.email)
    }

    private func unreadable(_ path: String) -> CommandFailure {
        CommandFailure(.badData, "the gateway's answer cannot be read", object: gateway + path)
    }

    /// The user whom a token is made out to. It is the gateway's own word, and not checked.
    private static func subject(of token: String) -> Int64? {
        let parts = token.split(separator: ".")
        guard parts.count == 3 else { return nil }
        var text = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        return Data(base64Encoded: text).flatMap { try? JSONDecoder().decode(Claims.self, from: $0) }
            .flatMap { Int64($0.sub) }
    }
}
