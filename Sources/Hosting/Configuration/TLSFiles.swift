/// The PEM files that secure gRPC between roles.
public struct TLSFiles: Sendable, Hashable {
    /// The process's own certificate chain; a server needs it.
    public var certificate: String?
    /// The private key of ``certificate``.
    public var key: String?
    /// The authorities that the other side's certificate must come from. With it a server wants a certificate of every
    /// client; without it a client trusts the system's authorities.
    public var ca: String?

    /// Names the files.
    public init(certificate: String?, key: String?, ca: String?) {
        self.certificate = certificate
        self.key = key
        self.ca = ca
    }
}
