/// The forms in which errors are told.
extension Diagnosis {
    /// The command that goes on, where the error names none.
    private var nextCommand: String {
        ErrorExplanation(code).next.first ?? "shopctl --help"
    }

    /// For people: `error[SHOP-NNN]: what (which object)`, causes, and the next command.
    func text(_ style: TextStyle) -> String {
        let object = object.map { " (\(Printable.line($0)))" } ?? ""
        var text = style.apply(.red, "error[\(code.name)]") + ": \(Printable.lines(message ?? ""))\(object)\n"
        for cause in causes { text += "  cause: \(Printable.lines(cause))\n" }
        return text + "  hint: \(Printable.lines(hint ?? nextCommand))\n"
    }

    /// For programs: with the next command as the hint; words on the way out are advice.
    var record: OutputRecord {
        let next = hint ?? nextCommand
        let isCommand = next.hasPrefix("shopctl ") || next.hasPrefix("chmod ")
        var record: OutputRecord = [
            "code": .text(code.name), "status": .integer(Int64(status.rawValue)), "message": .optional(message),
            "object": .optional(object), "causes": .texts(causes),
        ]
        record.members.append(.init(name: isCommand ? "hint" : "advice", value: .text(next)))
        return record
    }
}
