import FoundationEssentials
import Glibc
import Testing

@testable import Hosting

@Suite("What is written into a file reaches that which its path names")
struct FileDraftTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: directory.file(name))), as: UTF8.self)
    }

    private func write(_ text: String, to name: String, mode: mode_t? = nil, takesSpecial: Bool = false) throws {
        try FileDraft.write(
            Array(text.utf8), to: FileTarget(directory.file(name), takesSpecial: takesSpecial), mode: mode)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
    }

    @Test("A file is made and replaced, with the rights that are asked for")
    func file() throws {
        try write("one", to: "a")
        #expect(try text("a") == "one")
        try write("two", to: "a", mode: 0o600)
        #expect(try text("a") == "two")
        // As key files are read: one that others can read is refused.
        #expect(try SecretFile.read(directory.file("a")) == Array("two".utf8))
        #expect(try names == ["a"])
    }

    @Test("A draft that replaces nothing leaves a file that was made in between, and nothing of itself")
    func noReplacement() throws {
        let target = try FileTarget(directory.file("a"), takesSpecial: false)
        let drafts = [try FileDraft(of: target), try FileDraft(of: target)]
        for (draft, text) in zip(drafts, ["one", "two"]) { try draft.write(Array(text.utf8)) }
        try drafts[0].complete(replaces: false)
        let fault = #expect(throws: FileFault.self) { try drafts[1].complete(replaces: false) }
        #expect(fault?.number == EEXIST)
        #expect(try text("a") == "one")
        #expect(try names == ["a"])
    }

    @Test("A symbolic link stays one, also one to a link: the file that it names is replaced")
    func link() throws {
        try directory.write("old", to: "real")
        #expect(symlink("real", directory.file("near")) == 0)
        #expect(symlink(directory.file("near"), directory.file("far")) == 0)
        try write("new", to: "far")
        #expect(try text("real") == "new")
        for name in ["near", "far"] {
            let type = try FileManager.default.attributesOfItem(atPath: directory.file(name))[.type]
            #expect(type as? FileAttributeType == .typeSymbolicLink, "\(name)")
        }
        #expect(try names == ["far", "near", "real"])
    }

    @Test("A link to nothing and a folder are refused in words of their own, and stay")
    func refused() throws {
        #expect(symlink("nowhere", directory.file("link")) == 0)
        #expect(mkdir(directory.file("folder"), 0o700) == 0)
        for (name, word) in [("link", "a symbolic link to a file that is not there"), ("folder", "a folder")] {
            let path = directory.file(name)
            let fault = #expect(throws: FileFault.self) { try FileTarget(path, takesSpecial: true) }
            #expect(fault?.description.contains(word) == true, "\(String(describing: fault))")
        }
        #expect(try names == ["folder", "link"])
    }

    @Test("A pipe is written into where that makes sense, refused elsewhere, and never replaced or removed")
    func pipe() throws {
        let path = directory.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: FileFault.self) { try FileTarget(path, takesSpecial: false) }
        #expect(throws: KeyError.self) { try SigningKeys.generate().write(to: path) }
        // Open both ways, it waits for nobody.
        let reader = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        try #require(reader >= 0)
        defer { close(reader) }
        try write("products", to: "pipe", takesSpecial: true)
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(reader, &bytes, bytes.count)
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "products")
        try FileTarget(path, takesSpecial: true).clear()
        #expect(try FileTarget(path, takesSpecial: true).isSpecial)
        #expect(try names == ["pipe"])
    }

    @Test("Keys that are written through a link are those that its readers see")
    func keys() throws {
        var keys = SigningKeys.generate()
        try keys.write(to: directory.file("k 1.json"))
        #expect(symlink("k 1.json", directory.file("link")) == 0)
        _ = keys.add(.eddsa)
        try keys.write(to: directory.file("link"))
        #expect(try SigningKeys(file: directory.file("k 1.json")) == keys)
        #expect(try names == ["k 1.json", "link"])
    }
}
