import FoundationEssentials

/// A script of `examples/partitions`, by its name, as in `orders.up`; a way up with what `examples/partition` runs before.
public func partitionScript(_ name: String) throws -> String {
    let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try (name.hasSuffix(".up") ? ["months", name] : [name]).map { part in
        try String(contentsOfFile: "\(repository)/examples/partitions/\(part).sql", encoding: .utf8)
    }.joined()
}
