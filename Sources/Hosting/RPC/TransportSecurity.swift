import Glibc
import GRPCNIOTransportHTTP2
import NIOSSL

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

    /// The security of a server's connections: nil without a certificate, for plain ones; mutual with an authority.
    var serverContext: NIOSSLContext? {
        get throws {
            guard let certificate, let key else { return nil }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["grpc-exp", "h2"]
            if let ca {
                configuration.certificateVerification = .noHostnameVerification
                configuration.trustRoots = .file(ca)
            }
            return try NIOSSLContext(configuration: configuration)
        }
    }

    /// The way a client secures its connections; the server's name is always checked.
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
