import FoundationEssentials
import Glibc

/// The contexts of a user: a file each, in a folder of the user's own.
public struct ContextStore: Sendable {
    /// A context's file or name that is no good.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// The reason why it cannot be used.
        public enum Kind: Sendable {
            case missing
            case unusable
            case badName
        }

        public let kind: Kind
        public let description: String
    }

    /// The folder that has a file for each.
    public let folder: String

    /// - Parameter environment: `XDG_CONFIG_HOME`, else `HOME`, says where a user's configuration is.
    public init(environment: [String: String]) {
        // A path that is not absolute is to be taken for none (XDG Base Directory Specification).
        let home = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        folder = (home ?? (environment["HOME"] ?? "/nonexistent") + "/.config") + "/shopctl/contexts"
    }

    /// The file of a context.
    public func path(of name: String) -> String { "\(folder)/\(name).json" }

    /// Beside the folder: no context's name leads there.
    private var currentPath: String { String(folder.dropLast("contexts".count)) + "current-context" }

    /// The names of all contexts, in order; none where there is no folder.
    public var names: [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let name = String(file.dropLast(".json".count))
            if file.hasSuffix(".json"), Self.isName(name) { names.append(name) }
        }
        return names.sorted()
    }

    /// The name of the context that is used where none is said; nil for none.
    public var current: String? {
        guard let name = try? SettingFile.readLine(currentPath), Self.isName(name) else { return nil }
        return name
    }

    /// Letters, digits, dot, dash and underscore, not led by a dot or dash: a file's name and a word of a shell.
    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._-".utf8.contains(byte)
        }
        return isPlain && (1...64).contains(name.utf8.count) && name.first != "." && name.first != "-"
    }

    private static func check(_ name: String) throws(Fault) {
        guard isName(name) else {
            throw Fault(
                kind: .badName,
                description: "a context's name is 1 to 64 letters, digits, '.', '_' and '-', not led by '.' or '-'")
        }
    }

    /// - Throws: ``Fault``; ``ConfigurationError`` for what stands in the file and cannot be.
    public func read(_ name: String) throws -> ShopContext {
        try Self.check(name)
        let path = path(of: name)
        guard access(path, F_OK) == 0 else {
            let near = Spelling.nearest(to: name, among: names).map { ": is it '\($0)'?" } ?? ""
            throw Fault(kind: .missing, description: "there is no context '\(name)'\(near)")
        }
        let text: String
        do {
            text = String(decoding: try SecretFile.read(path), as: UTF8.self)
        } catch {
            throw Fault(kind: .unusable, description: error.description)
        }
        let members: [ConfigurationJSON.Member]
        do {
            members = try ConfigurationJSON(text).members
        } catch {
            throw Fault(
                kind: .unusable, description: "\(path) is not a JSON object: line \(error.line): \(error.reason)")
        }
        var values: [String: String] = [:]
        for member in members {
            guard let value = member.value, values[member.key] == nil else {
                throw Fault(
                    kind: .unusable,
                    description: "\(path), line \(member.line): '\(member.key)' stands twice, or is no text")
            }
            do {
                try ShopContext.check(member.key, value)
            } catch {
                throw Fault(
                    kind: .unusable, description: "context '\(name)': \(path), line \(member.line): \(error)")
            }
            values[member.key] = value
        }
        return ShopContext(name: name, values: values)
    }

    /// Writes a context, readable by its owner only.
    ///
    /// - Throws: ``Fault``.
    public func write(_ context: ShopContext) throws(Fault) {
        try Self.check(context.name)
        try makeFolder()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = (try? encoder.encode(context.values)) ?? Data()
        try write(data + Data("\n".utf8), to: path(of: context.name))
    }

    /// Has a context used where none is said; nil for none.
    ///
    /// - Throws: ``Fault``.
    public func use(_ name: String?) throws(Fault) {
        guard let name else {
            unlink(currentPath)
            return
        }
        try Self.check(name)
        try makeFolder()
        try write(Data("\(name)\n".utf8), to: currentPath)
    }

    /// Deletes a context; one that was used is used no more.
    ///
    /// - Throws: ``Fault``.
    public func delete(_ name: String) throws(Fault) {
        try Self.check(name)
        if current == name { try use(nil) }
        guard unlink(path(of: name)) == 0 else {
            throw errno == ENOENT
                ? Fault(kind: .missing, description: "there is no context '\(name)'")
                : Fault(kind: .unusable, description: "cannot delete \(path(of: name)): \(Self.reason(errno))")
        }
    }

    private func write(_ data: Data, to path: String) throws(Fault) {
        do {
            try SecretFile.write([UInt8](data), to: path, mode: 0o600)
        } catch {
            throw Fault(kind: .unusable, description: error.description)
        }
    }

    private func makeFolder() throws(Fault) {
        var path = ""
        for part in folder.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST || access(path, F_OK) == 0 else {
                throw Fault(kind: .unusable, description: "cannot make the folder \(path): \(Self.reason(errno))")
            }
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
