import Glibc
import HTTPTypes
import TestSupport
import Testing

@testable import Gateway
@testable import Passwords

@Suite("Opening accounts")
struct SignUpTests {
    @Test("That an address is taken is told before anything is hashed")
    func taken() async throws {
        let passwords = PasswordHasher(
            maximumConcurrent: 1, maximumWaiting: 0, parameters: try ScryptParameters(logN: 4, r: 1, p: 1))
        try await AccountDoor.open(passwords: passwords) { (door) async throws in
            func signUp(_ email: String) async throws -> AccountDoor.Answer {
                try await door.call(
                    .post, "/auth/signup", ["name": "Ann", "email": email, "password": AccountDoor.password])
            }
            #expect(try await signUp("ann@shop.example").status == 200)
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
            #expect(try await signUp("Ann@shop.example").code == "email_taken")
            #expect(try await signUp("bob@shop.example").code == "busy")
            _ = write(ends[1], [1 as UInt8], 1)
            try await work.value
        }
    }
}
