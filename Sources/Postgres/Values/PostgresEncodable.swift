/// A Swift value that can be bound to a statement's parameter.
public protocol PostgresEncodable: Sendable {
    /// The type announced to the server when the statement is prepared.
    static var postgresType: PostgresType { get }

    /// Whether the value travels in the type's binary or text form.
    static var postgresFormat: PostgresFormat { get }

    /// Appends the value, without its length, to the buffer.
    ///
    /// A value that PostgreSQL cannot hold is refused with `PostgresValueBuffer.refuse(_:)`; the query then
    /// fails with an error of kind `.encoding` and is never sent.
    func encode(into buffer: inout PostgresValueBuffer)
}

extension PostgresEncodable {
    public static var postgresFormat: PostgresFormat { .binary }
}

/// The way a value travels.
public enum PostgresFormat: Int32, Sendable {
    case text = 0
    case binary = 1
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }
    public static var postgresFormat: PostgresFormat { Wrapped.postgresFormat }

    public func encode(into buffer: inout PostgresValueBuffer) {
        switch self {
        case .some(let value): value.encode(into: &buffer)
        case .none: buffer.appendNull()
        }
    }
}
