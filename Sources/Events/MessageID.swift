import Crypto
public import FoundationEssentials

/// Message ids that follow from what the message says.
public enum MessageID {
    /// The id of the one message of this kind that `source` sends within a saga.
    ///
    /// The same input always gives the same id, so a message sent again is recognised without being stored:
    /// a name-based UUID (RFC 9562, version 8, SHA-256).
    public static func derived(saga: UUID, source: String, kind: String) -> UUID {
        var hash = SHA256()
        withUnsafeBytes(of: saga.uuid) { hash.update(bufferPointer: $0) }
        hash.update(data: Array(source.utf8))
        hash.update(data: [0])
        hash.update(data: Array(kind.utf8))
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = (bytes[6] & 0x0F) | 0x80
        bytes[8] = (bytes[8] & 0x3F) | 0x80
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
                bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
    }
}
