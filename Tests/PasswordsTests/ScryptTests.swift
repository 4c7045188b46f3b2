import Testing

@testable import Passwords

@Suite("Scrypt")
struct ScryptTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    @Test("The test vectors of RFC 7914, section 12")
    func vectors() throws {
        let first = try Scrypt.derive(
            password: [], salt: [], parameters: ScryptParameters(logN: 4, r: 1, p: 1), length: 64)
        #expect(
            hexadecimal(first) == """
                77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
                fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
                """)
        let second = try Scrypt.derive(
            password: Array("password".utf8), salt: Array("NaCl".utf8),
            parameters: ScryptParameters(logN: 10, r: 8, p: 16), length: 64)
        #expect(
            hexadecimal(second) == """
                fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
                2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
                """)
        let third = try Scrypt.derive(
            password: Array("pleaseletmein".utf8), salt: Array("SodiumChloride".utf8),
            parameters: ScryptParameters(logN: 14, r: 8, p: 1), length: 64)
        #expect(
            hexadecimal(third) == """
                7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2\
                d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887
                """)
    }

    @Test("The largest parameters that are allowed do not meet libcrypto's memory limit")
    func memoryLimit() throws {
        // 2^20 blocks of 8 would be the gigabyte; a tenth of it shows the same limit at work.
        let parameters = try ScryptParameters(logN: 17, r: 8, p: 2)
        #expect(parameters.memory == 128 << 20)
        #expect(try Scrypt.derive(password: [1], salt: [2], parameters: parameters, length: 16).count == 16)
    }

    @Test(
        "Parameters a server cannot afford are refused",
        arguments: [(0, 8, 1), (21, 8, 1), (17, 0, 1), (17, 33, 1), (17, 8, 0), (17, 8, 17), (20, 16, 1)])
    func bounds(logN: Int, r: Int, p: Int) {
        #expect(throws: PasswordError.self) { try ScryptParameters(logN: logN, r: r, p: p) }
    }

    @Test("Comparison")
    func comparison() {
        #expect(Scrypt.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!Scrypt.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!Scrypt.areEqual([1, 2, 3], [1, 2]))
        #expect(Scrypt.areEqual([], []))
    }
}
