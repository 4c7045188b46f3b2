import Glibc
import GRPCNIOTransportHTTP2

extension TLSFiles {
    /// Passes if every file can be opened.
    ///
    /// - Throws: ``ConfigurationError`` that names the file.
    public func check() throws(ConfigurationError) {
        let files = [(Setting.tlsCertificate, certificate), (.tlsKey, key), (.tlsCA, ca)]
        for case (let setting, let path?) in files where access(path, R_OK) != 0 {
            throw ConfigurationError(key: setting.key, "cannot read \(path), the value of \(setting.key)")
        }
    }

    /// How a server secures its connections: plain without a certificate, mutual with an authority.
    var forServer: HTTP2ServerTransport.Posix.TransportSecurity {
        guard let certificate, let key else { return .plaintext }
        let chain = [TLSConfig.CertificateSource.file(path: certificate, format: .pem)]
        let privateKey = TLSConfig.PrivateKeySource.file(path: key, format: .pem)
        guard let ca else { return .tls(certificateChain: chain, privateKey: privateKey) }
        return .mTLS(certificateChain: chain, privateKey: privateKey) { tls in
            tls.trustRoots = .certificates([.file(path: ca, format: .pem)])
        }
    }

    /// How a client secures its connections; the server's name is always checked.
    var forClient: HTTP2ClientTransport.Posix.TransportSecurity {
        .tls { tls in
            if let ca { tls.trustRoots = .certificates([.file(path: ca, format: .pem)]) }
            if let certificate, let key {
                tls.certificateChain = [.file(path: certificate, format: .pem)]
                tls.privateKey = .file(path: key, format: .pem)
            }
        }
    }
}
