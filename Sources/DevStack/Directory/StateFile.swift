import FoundationEssentials
import Glibc

/// Reading and writing a stack's state.
enum StateFile {
    /// The state in a directory; `nil` if there is none.
    static func read(_ path: String) throws(DevStackError) -> DevStackState? {
        guard let bytes = readSmallFile(path) else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .unreadableState(path: path, reason: errorText())
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        let state: DevStackState
        do {
            state = try decoder.decode(DevStackState.self, from: Data(bytes))
        } catch {
            // The decoder's own text may quote a value, and values are passwords.
            throw .unreadableState(path: path, reason: "it is not a state file of version 1")
        }
        guard state.version == 1 else {
            throw .unreadableState(path: path, reason: "its version is \(state.version), this program knows 1")
        }
        return state
    }

    static func write(_ state: DevStackState, to path: String) throws(DevStackError) {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(state)
        } catch {
            throw .system(operation: "encode the state", reason: "\(error)")
        }
        try writeFileAtomically(path, Array(data) + [UInt8(ascii: "\n")], mode: 0o600)
    }
}
