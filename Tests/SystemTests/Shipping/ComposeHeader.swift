import FoundationEssentials
import Glibc
import Hosting
import Testing

@testable import DevStack

/// The steps that the header of `compose.yaml` tells its reader to take, and a folder to take them in.
///
/// They are run by a shell as they stand. Its `docker` is the script ``engine``, which runs the real program where the
/// engine would run the image.
struct ComposeHeader {
    /// What stands in for the repository's folder: what the steps make, they make here.
    let directory: String
    /// Of the first start.
    let start: String
    /// Of a change of keys, in their order; `NEW_KID` and `OLD_KID` are for the reader to fill in.
    let change: [String]
    /// Where the shell's `docker` is, which also writes down what it is asked for.
    private let tools: String

    /// The user whom the image makes for the program.
    private let imageUser: String

    /// - Parameter directory: A folder that is there and empty.
    init(in directory: String) throws {
        self.directory = directory
        tools = directory + ".tools"
        var blocks: [[String]] = [[]]
        for line in try repositoryFile("compose.yaml").split(separator: "\n").prefix(while: { $0.hasPrefix("#") }) {
            if line.hasPrefix("#   ") {
                blocks[blocks.count - 1].append(String(line.dropFirst(4)))
            } else if line != "#" {
                blocks.append([])
            }
        }
        blocks.removeAll(where: \.isEmpty)
        try #require(blocks.count == 2)
        start = blocks[0].joined(separator: "\n")
        change = blocks[1]
        let words = try repositoryFile("Dockerfile").split(whereSeparator: \.isWhitespace)
        let option = try #require(words.firstIndex(of: "--uid"))
        imageUser = String(words[option + 1])
        try #require(mkdir(tools, 0o700) == 0)
        try Self.engine.write(toFile: tools + "/docker", atomically: false, encoding: .utf8)
        try #require(chmod(tools + "/docker", 0o700) == 0)
    }

    /// Removes all that the steps have made.
    func remove() {
        removeTree(directory)
        removeTree(tools)
    }

    /// Takes steps as a reader does whose files are for nobody else by default.
    func run(_ steps: String) async throws -> CommandResult {
        try await Shell.run(
            "umask 077; set -euo pipefail\n" + steps, in: directory, path: [tools],
            environment: ["SHOPCTL": try Shopctl.program(), "IMAGE_USER": imageUser, "TOOLS": tools])
    }

    /// Takes one of the steps of ``change``.
    func run(change step: String, new: String, old: String) async throws -> CommandResult {
        let functions = start.split(separator: "\n").filter { $0.contains("() ") }.joined(separator: "\n")
        return try await run(
            functions + "\n" + step.replacing("NEW_KID", with: new).replacing("OLD_KID", with: old))
    }

    /// What `docker` was asked for, a line a call.
    func calls() throws -> [String] {
        try String(contentsOfFile: tools + "/calls", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// `docker` as far as the header uses it. A container's user may write only into a folder that was given to it.
    private static let engine = #"""
        #!/bin/bash
        set -euo pipefail
        echo "$*" >>"$TOOLS/calls"
        case $1 in build | compose) exit 0 ;; run) shift ;; *) exit 64 ;; esac
        user=$IMAGE_USER entry=shopctl
        while true; do
            case $1 in
            --rm) shift ;;
            -u) user=$2 && shift 2 ;;
            -v) host=${2%%:*} inside=${2#*:} && shift 2 ;;
            --entrypoint) entry=$2 && shift 2 ;;
            *) break ;;
            esac
        done
        [ "$1" = shopctl ] && shift
        [ -d "$host" ] || { echo "no folder $host" >&2 && exit 125; }
        owner=$TOOLS/owner-of-${host##*/}
        case $entry in
        chown)
            [ "$user" = 0 ] && [ "$2" = "$inside" ]
            echo "$1" >"$owner"
            ;;
        shopctl)
            [ "$(cat "$owner" 2>/dev/null)" = "$user" ] || { echo "$host is not the user's, $user" >&2 && exit 73; }
            exec "$SHOPCTL" "${@/#$inside/$host}"
            ;;
        *) exit 127 ;;
        esac
        """#
}
