/// A condition that did not come true in time.
public struct EventuallyTimedOut: Error, CustomStringConvertible {
    public let description: String
}

/// Looks again and again until a condition holds: the one place where tests poll, for what nothing announces.
///
/// - Parameters:
///   - what: the condition in words, for the error.
///   - timeout: generous, since it is only waited for in a test that fails.
/// - Throws: ``EventuallyTimedOut``; what the condition throws, at once.
public func eventually(
    _ what: String = "the condition", timeout: Duration = .seconds(300), interval: Duration = .milliseconds(20),
    isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + timeout
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw EventuallyTimedOut(description: "\(file):\(line): \(what) did not hold within \(timeout)")
        }
        try await Task.sleep(for: interval)
    }
}

/// Waits until an expression has a value, as ``eventually(_:timeout:interval:isolation:file:line:_:)`` does.
///
/// - Returns: the value.
public func eventuallyValue<Value: Sendable>(
    _ what: String = "the value", timeout: Duration = .seconds(300), interval: Duration = .milliseconds(20),
    isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line,
    _ expression: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + timeout
    while true {
        if let value = try await expression() { return value }
        guard ContinuousClock.now < deadline else {
            throw EventuallyTimedOut(description: "\(file):\(line): \(what) was not there within \(timeout)")
        }
        try await Task.sleep(for: interval)
    }
}
