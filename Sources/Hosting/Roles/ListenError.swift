import Glibc
import NIOCore

/// An address that a server could not listen on, and the setting it is from.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    let address: HostPort
    let setting: Setting
    /// The system's words.
    let reason: String

    public var description: String { "cannot listen on \(address) (\(setting.key)): \(reason)" }

    /// Everywhere another address may stand.
    public var remedy: String { "another address, set by \(setting.waysToSet)" }

    /// A server's failure, with its address and setting if the system has refused it; any other as it is.
    public static func naming(_ failure: any Error, _ address: HostPort, from setting: Setting) -> any Error {
        guard let refusal = failure as? IOError else { return failure }
        return ListenError(
            address: address, setting: setting, reason: String(cString: strerror(refusal.errnoCode)))
    }
}
