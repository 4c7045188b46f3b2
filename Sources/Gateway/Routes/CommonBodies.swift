/// The answer to something that was created: its id.
struct CreatedBody: Encodable, Sendable {
    let id: Int64
}

/// The answer to something that was done and has nothing to tell.
struct StatusBody: Encodable, Sendable {
    var status = "ok"
}
