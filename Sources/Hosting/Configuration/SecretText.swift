/// The part that may be shown of a URL that may hold a password; works on text that is no proper URL as well.
enum SecretText {
    /// The part between the scheme and the last `@` before the path: user and password.
    private static func userInfo(_ url: String) -> Range<String.Index>? {
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        // A password may hold any character if it was not escaped, so everything up to the last '@' counts.
        guard let end = url[start...].lastIndex(of: "@") else { return nil }
        return start..<end
    }

    /// Whether a URL has a password, in its user part or in its parameters.
    static func hasPassword(url: String) -> Bool {
        if let info = userInfo(url), url[info].contains(":") { return true }
        return url.lowercased().contains("password=")
    }

    /// The URL without password and parameters.
    static func redacted(url: String) -> String {
        var shown = url
        if let info = userInfo(url) {
            let user = url[info].prefix { $0 != ":" }
            let hadPassword = user.count < url[info].count
            shown.replaceSubrange(info, with: hadPassword ? "\(user):***" : String(user))
        }
        if let parameters = shown.firstIndex(of: "?") {
            shown = shown[..<parameters] + "?..."
        }
        return shown
    }
}
