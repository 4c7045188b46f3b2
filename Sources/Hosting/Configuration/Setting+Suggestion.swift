extension Setting {
    /// A hint at the setting that a name may have been meant for, as in `: is it 'saga.sweep'?`; empty if none is near.
    public static func suggestion(for name: String) -> String {
        Spelling.nearest(to: String(name.map { $0 == "_" ? "-" : $0 }), among: all.map(\.key))
            .map { ": is it '\($0)'?" } ?? ""
    }
}
