import JWTKit
import NIOPosix

/// The public keys a verifier believes in right now, and where newer ones come from.
actor KeyRing {
    /// The source of the keys.
    enum Source: Sendable {
        case fixed(VerificationKeys)
        /// A public set.
        case jwksFile(String)
        /// A private key file, for a process that has it anyway.
        case keysFile(String)

        func read() throws(KeyError) -> VerificationKeys {
            switch self {
            case .fixed(let keys): keys
            case .jwksFile(let path): try VerificationKeys(file: path)
            case .keysFile(let path): try SigningKeys(file: path).publicKeys
            }
        }
    }

    private let source: Source
    private var keys: VerificationKeys
    private var collection: JWTKeyCollection?
    private var file: WatchedFile?

    init(_ source: Source) throws(KeyError) {
        self.source = source
        switch source {
        case .fixed: file = nil
        case .jwksFile(let path), .keysFile(let path): file = WatchedFile(path)
        }
        keys = try source.read()
    }

    /// The algorithm a key is meant for, and the collection that knows the key; `nil` if the key is not on the list.
    func key(_ id: String) async throws(KeyError) -> (algorithm: SigningAlgorithm, collection: JWTKeyCollection)? {
        guard let key = keys.keys.first(where: { $0.kid == id }) else { return nil }
        let made: JWTKeyCollection
        if let collection {
            made = collection
        } else {
            made = try await keys.makeCollection()
            collection = made
        }
        return (key.alg, made)
    }

    /// Reads the file again if it has been replaced. A file that cannot be read changes nothing.
    ///
    /// - Returns: Whether there are other keys now.
    func refresh() async -> Bool {
        guard var file, await file.hasChanged() else { return false }
        self.file = file
        let source = source
        guard let read = try? await NIOThreadPool.singleton.runIfActive({ try source.read() }), read != keys else {
            return false
        }
        keys = read
        collection = nil
        return true
    }

    /// Takes other keys.
    func replace(_ keys: VerificationKeys) {
        self.keys = keys
        collection = nil
    }
}
