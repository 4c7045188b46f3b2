import Dispatch
import Glibc
import SystemPackage

/// The text of `errno`, or of the given error number.
func errorText(_ number: Int32 = errno) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Runs blocking work on a thread that is not one of the cooperative pool's.
func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Swift.Result { try work() }) }
    }
}

/// Runs blocking work that cannot fail on a thread that is not one of the cooperative pool's.
func offPool<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: work()) }
    }
}

/// Reads a small file whole; `nil` if it cannot be read. Works for `/proc`, whose files have no size.
func readSmallFile(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while bytes.count < limit {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return bytes
}

/// Writes everything to a file.
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) throws(Errno) {
    var offset = 0
    while offset < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw Errno(rawValue: errno) }
        offset += count
    }
}

/// Writes a file through a temporary neighbour and a rename, so that a reader sees the old or the new, never half.
func writeFileAtomically(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(DevStackError) {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .system(operation: "create \(temporary)", reason: errorText()) }
    do {
        try writeAll(descriptor, bytes)
    } catch {
        close(descriptor)
        unlink(temporary)
        throw .system(operation: "write \(temporary)", reason: "\(error)")
    }
    // The umask must not widen or narrow what was asked for.
    fchmod(descriptor, mode)
    close(descriptor)
    guard rename(temporary, path) == 0 else {
        let reason = errorText()
        unlink(temporary)
        throw .system(operation: "rename to \(path)", reason: reason)
    }
}

/// Whether there is a file of this name, or a link to one: no directory, no pipe.
func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Creates a directory and its missing parents. The mode is that of the last; parents get 0755.
func makeDirectory(_ path: String, mode: mode_t) throws(DevStackError) {
    var status = stat()
    if stat(path, &status) == 0 {
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unusableDirectory(directory: path, reason: "it is not a directory")
        }
        return
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try makeDirectory(String(path[..<slash]), mode: 0o755)
    }
    guard mkdir(path, mode) == 0 || errno == EEXIST else {
        throw .unusableDirectory(directory: path, reason: errorText())
    }
    chmod(path, mode)
}

/// The absolute form of a path, without `.`, `..` or a trailing slash; symbolic links are left as they are.
func absolutePath(_ path: String) -> String {
    var whole = path
    if !path.hasPrefix("/") {
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        whole = String(cString: current) + "/" + path
    }
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
}

/// The names in a directory, without `.` and `..`; empty if it cannot be read.
func entries(of directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names
}

/// Deletes a directory and all in it; what is already gone is no error. Symbolic links are removed, not followed.
func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        unlink(path)
        return
    }
    for name in entries(of: path) { removeTree(path + "/" + name) }
    rmdir(path)
}

/// Random lower-case hexadecimal digits from the system's generator; safe in URLs and configuration files.
func randomHex(bytes count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef")
    var text = ""
    for _ in 0..<count {
        let byte = UInt8.random(in: .min ... .max, using: &generator)
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return text
}
