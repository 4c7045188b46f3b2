import FoundationEssentials
import Glibc

/// The password of all people of a demonstration, which is in a file and nowhere else.
struct DemoPassword: Sendable {
    /// The file that it is in; `-` for standard input.
    let path: String
    let text: String
    /// Whether the file was made just now.
    let isNew: Bool

    /// Characters that are not taken for one another.
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
    private static let length = 8...128

    /// The file in a private shop's directory.
    static func path(in directory: String) -> String { directory + "/demo-password" }

    /// Reads the password, or makes a file with a random one, for its owner only, where there is none.
    ///
    /// - Throws: ``CommandFailure`` for a file that cannot be read or made, that others can read, or that holds no
    ///   password.
    static func open(_ path: String, _ context: CommandContext) throws -> DemoPassword {
        if path != "-", access(path, F_OK) != 0, errno == ENOENT { return try make(path) }
        if path != "-", isOpenToOthers(path) {
            throw failure("it is open to other users of this host", path, hint: "chmod 600 \(ShellText.word(path))")
        }
        let bytes = try Descriptor.readFile(path, context)
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        guard length.contains(line.unicodeScalars.count) else {
            throw failure(
                "its first line must be a password of \(length.lowerBound) to \(length.upperBound) characters", path)
        }
        return DemoPassword(path: path, text: String(line), isNew: false)
    }

    /// Removes the file, if it was made just now.
    func withdraw() {
        if isNew { unlink(path) }
    }

    /// Makes the checks of ``open(_:_:)`` and no file.
    ///
    /// - Returns: The password; nil if a file would be made.
    static func check(_ path: String, _ context: CommandContext) throws -> DemoPassword? {
        guard path != "-", access(path, F_OK) != 0, errno == ENOENT else { return try open(path, context) }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard access(folder, W_OK | X_OK) == 0 else {
            throw failure("it cannot be made: \(String(cString: strerror(errno)))", path)
        }
        return nil
    }

    /// Whether a file, and no pipe, can be used by others than its owner.
    private static func isOpenToOthers(_ path: String) -> Bool {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { return false }
        // A number of another kind where all of Foundation is in the process.
        let value = attributes[.posixPermissions]
        let mode = value as? Int ?? (value as? any BinaryInteger).map { Int($0) }
        return mode.map { $0 & 0o077 != 0 } ?? true
    }

    private static func make(_ path: String) throws -> DemoPassword {
        var random = SystemRandomNumberGenerator()
        let groups = (0..<5).map { _ in
            String((0..<5).map { _ in alphabet.randomElement(using: &random) ?? "x" })
        }
        let text = groups.joined(separator: "-")
        // Never one that somebody else has put there meanwhile.
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw failure("it cannot be made: \(String(cString: strerror(errno)))", path)
        }
        defer { close(descriptor) }
        do {
            try Descriptor.write(text + "\n", to: descriptor)
        } catch {
            unlink(path)
            throw failure("it cannot be written", path)
        }
        return DemoPassword(path: path, text: text, isNew: true)
    }

    private static func failure(_ text: String, _ path: String, hint: String? = nil) -> CommandFailure {
        CommandFailure(
            .badData, "the password file cannot be used: \(text)", hint: hint, code: .demoPassword, object: path)
    }
}
