import Glibc
import SystemPackage

/// Writes what a program is to read on its standard input into a file without a name.
///
/// By a pipe, one that ends without reading would end the writer too: by SIGPIPE, or in the library that starts it.
func commandInput(_ text: String) throws(DevStackError) -> FileDescriptor {
    let path = "/tmp/shopctl-input-\(UInt64.random(in: .min ... .max))"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(operation: "create a file for a program's input", reason: errorText()) }
    unlink(path)
    do {
        try writeAll(descriptor, Array(text.utf8))
    } catch {
        close(descriptor)
        throw .system(operation: "write a program's input", reason: "\(error)")
    }
    lseek(descriptor, 0, SEEK_SET)
    return FileDescriptor(rawValue: descriptor)
}
