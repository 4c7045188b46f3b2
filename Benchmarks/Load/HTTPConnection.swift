import Glibc

/// A keep-alive HTTP/1.1 connection that blocks its thread: what it costs is the measured server's affair alone.
struct HTTPConnection: ~Copyable {
    /// An exchange that could not be finished.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Connects to an IPv4 address.
    init(host: String, port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw Failure(description: "\(host) is no IPv4 address")
        }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure(description: "cannot connect to \(host):\(port): errno \(errno)") }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Sends a request and reads the answer.
    ///
    /// - Returns: The status and the body; the body must have a Content-Length or there must be none.
    mutating func exchange(_ request: [UInt8]) throws -> (status: Int, body: ArraySlice<UInt8>) {
        try send(request)
        buffer.removeAll(keepingCapacity: true)
        var head = 0
        while true {
            try receive()
            if let end = Self.endOfHead(in: buffer, from: max(0, head - 3)) {
                head = end
                break
            }
            head = buffer.count
        }
        guard buffer.starts(with: Array("HTTP/1.1 ".utf8)), let status = Self.number(in: buffer[9..<12]) else {
            throw Failure(description: "this is no HTTP/1.1: \(String(decoding: buffer.prefix(60), as: UTF8.self))")
        }
        let length = Self.contentLength(in: buffer[..<head])
        while buffer.count < head + length { try receive() }
        return (status, buffer[head..<(head + length)])
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "the connection broke while sending: errno \(errno)") }
            sent += count
        }
    }

    private mutating func receive() throws {
        let count = withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { part in
            let count = recv(descriptor, part.baseAddress, part.count, 0)
            if count > 0 { buffer.append(contentsOf: part[..<count]) }
            return count
        }
        guard count > 0 else { throw Failure(description: "the connection ended without an answer") }
    }

    private static func endOfHead(in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= start + 4 else { return nil }
        for index in start...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
            return index + 4
        }
        return nil
    }

    private static func number(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.isEmpty ? nil : Int(String(decoding: bytes, as: UTF8.self))
    }

    private static func contentLength(in head: ArraySlice<UInt8>) -> Int {
        let name = Array("\ncontent-length:".utf8)
        var start = head.startIndex
        while let line = head[start...].firstIndex(of: 10) {
            let end = line + name.count
            if end < head.endIndex, zip(head[line..<end], name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) {
                let digits = head[end...].drop { $0 == 32 }.prefix { (48...57).contains($0) }
                return number(in: digits) ?? 0
            }
            start = line + 1
        }
        return 0
    }
}
