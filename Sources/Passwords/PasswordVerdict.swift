/// The outcome of checking a password against a stored hash.
public enum PasswordVerdict: Sendable, Equatable {
    case wrong
    case right
    /// Right, and the hash is due for a new one: it has other work factors, or was made before passwords had one form.
    case rightButOutdated

    public var isRight: Bool { self != .wrong }
}
