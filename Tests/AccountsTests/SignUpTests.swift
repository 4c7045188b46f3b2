import Glibc
import Hosting
import Postgres
import TestSupport
import Testing

@testable import Accounts
@testable import Passwords

@Suite("Opening accounts")
struct SignUpTests {
    @Test("That an address is taken is told before anything is hashed")
    func taken() async throws {
        let passwords = PasswordHasher(
            maximumConcurrent: 1, maximumWaiting: 0, parameters: try ScryptParameters(logN: 4, r: 1, p: 1))
        try await TestAccounts.open(passwords: passwords) { (shop) async throws in
            _ = try await shop.signUp("ann@shop.example")
            try await eventually("the thread has ended") { passwords.line.threadCount == 0 }
            // The one thread is at work until something is written, and nobody may wait for it.
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            defer { for end in ends { close(end) } }
            let work = Task { [ends] in
                try await passwords.line.run {
                    var byte: UInt8 = 0
                    _ = read(ends[0], &byte, 1)
                }
            }
            try await eventually("the thread is at work") { passwords.line.threadCount == 1 }
            #expect(try await refusal { try await shop.signUp("Ann@shop.example") } == .emailTaken)
            #expect(try await refusal { try await shop.signUp("bob@shop.example") } == .busy)
            _ = write(ends[1], [1 as UInt8], 1)
            try await work.value
        }
    }

    @Test("All that is wrong is told at once, in the order of the fields")
    func invalid() async throws {
        try await TestAccounts.open { (shop) async throws in
            let refused = try await refusal {
                try await shop.accounts.signUp(name: " \t", email: "no address", password: "short")
            }
            #expect(
                refused
                    == .invalid([
                        AccountFault(.name, .length(1...100)), AccountFault(.email, .address),
                        AccountFault(.password, .length(8...128)),
                    ]))
            let unseen = try await refusal {
                try await shop.accounts.signUp(
                    name: "\u{200B}\u{1}", email: "ann@shop.example", password: TestAccounts.password)
            }
            let faults = PublicText.faults(in: "\u{200B}\u{1}")
            #expect(faults.count == 2)
            #expect(unseen == .invalid(faults.map { AccountFault(.name, .publicText($0)) }))
            #expect(try await shop.number("SELECT count(*) FROM users") == 0)
        }
    }
}
