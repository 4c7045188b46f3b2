extension StringProtocol {
    /// Without the spaces and tabs around it.
    public func trimmingBlanks() -> SubSequence {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        let rest = drop(while: isBlank)
        guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return rest }
        return rest[...last]
    }
}
