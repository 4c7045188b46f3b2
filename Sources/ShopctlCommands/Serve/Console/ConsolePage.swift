import Hosting

/// The console's page: one document with its own script and style, which asks nobody but this listener.
enum ConsolePage {
    static let answer = AdminAnswer(
        200, type: "text/html; charset=utf-8", body: EmbeddedConsole.page,
        headers: [
            "Content-Security-Policy": PagePolicy.header(for: EmbeddedConsole.page),
            "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
        ])
}
