import FoundationEssentials

/// A script of `examples/partitions`, by its name, as in `orders.up`.
public func partitionScript(_ name: String) throws -> String {
    let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try String(contentsOfFile: "\(repository)/examples/partitions/\(name).sql", encoding: .utf8)
}
