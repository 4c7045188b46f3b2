/// The purposes for which a password is worked on. Each has a line of its own, and they take turns: a flood of one does
/// not stop the others.
public enum PasswordLane: Int, Sendable, CaseIterable {
    case signIn
    case signUp
    /// The change of a password by somebody who is signed in.
    case change
}
