import FoundationEssentials
import Glibc

/// The place where the contents of a file that is to be written belong.
public struct FileTarget: Sendable, Equatable {
    /// The path without symbolic links, where it names a regular file through one.
    public let path: String
    /// A device or a pipe: it is written into, and never replaced.
    public let isSpecial: Bool

    /// Looks at what a path names, and follows symbolic links.
    ///
    /// - Parameter takesSpecial: Devices and pipes are taken, too.
    /// - Throws: ``FileFault`` for a link to nothing, a folder or a socket, and for a device or a pipe where none is taken.
    public init(_ path: String, takesSpecial: Bool) throws(FileFault) {
        func fault(_ reason: String) -> FileFault { FileFault(path: path, reason: reason) }
        var place = path
        var type = Self.type(path)
        if type == .typeSymbolicLink {
            if let real = realpath(path, nil) {
                defer { free(real) }
                place = String(cString: real)
                type = Self.type(place)
            } else if access(path, F_OK) == 0 {
                // A pipe of this process, as behind /dev/stdout, has no path of its own.
                type = .typeUnknown
            } else {
                throw fault("it is a symbolic link to a file that is not there: make that file, or name it")
            }
        }
        switch type {
        case nil, .some(.typeRegular): (self.path, isSpecial) = (place, false)
        case .some(.typeDirectory): throw fault("it is a folder")
        case .some(.typeSocket): throw fault("it is a socket")
        default:
            guard takesSpecial else { throw fault("it is a device or a pipe, and a file is needed") }
            (self.path, isSpecial) = (path, true)
        }
    }

    /// The kind of what has that name, not of what a link leads to; nil for nothing, or nothing that can be seen.
    private static func type(_ path: String) -> FileAttributeType? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    }

    /// Removes the file, so that whoever waits for it does not take an old one for a new one; nothing else is removed.
    public func clear() throws(FileFault) {
        guard !isSpecial, unlink(path) != 0, errno != ENOENT else { return }
        throw FileFault(path: path)
    }
}

/// A refusal to write a file.
public struct FileFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// As `errno` has it; zero for a refusal that is not the system's.
    public let number: Int32
    public let description: String

    init(path: String, reason: String) {
        number = 0
        description = "cannot write \(path): \(reason)"
    }

    /// The system's refusal; `errno` by default.
    init(path: String, errno number: Int32 = errno) {
        self.number = number
        description = "cannot write \(path): \(String(cString: strerror(number)))"
    }
}
