import HTTPTypes
import Hummingbird

/// The reason why a request was not served, as the client is told: RFC 9457 problem details.
///
/// Everything in it is meant for the client; what the operators need goes to the log.
struct Problem: Error, Sendable, Equatable {
    /// One field of the request that is not as it should be.
    struct FieldError: Sendable, Equatable, JSONWritable {
        /// Its path in the body, `items[3].quantity` say, or the name of a header or path parameter.
        var field: String
        /// The rule that it must keep.
        var detail: String

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("detail", detail)
                json.member("field", field)
            }
        }
    }

    var status: HTTPResponse.Status
    /// A stable snake_case name for programs.
    var code: String
    /// A sentence for people.
    var detail: String
    /// Fields of the answer that go with the problem: `Accept-Encoding`, `Allow`, `Retry-After`, `WWW-Authenticate`.
    var headers: HTTPFields = [:]
    var errors: [FieldError] = []
}

extension Problem {
    /// The body as it travels.
    private struct Body: JSONWritable {
        var type = "about:blank"
        var title: String
        var status: Int
        var detail: String
        var code: String
        var requestID: String
        var errors: [FieldError]?

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("code", code)
                json.member("detail", detail)
                json.member("errors", ifPresent: errors)
                json.member("request_id", requestID)
                json.member("status", status)
                json.member("title", title)
                json.member("type", type)
            }
        }
    }

    static let contentType = "application/problem+json"

    /// The body of the answer.
    func body(requestID: String) -> some JSONWritable {
        Body(
            title: status.reasonPhrase,
            status: status.code,
            detail: detail,
            code: code,
            requestID: requestID,
            errors: errors.isEmpty ? nil : errors)
    }

    /// The answer that tells the client of this problem.
    func response(requestID: String) -> Response {
        var response = Response.json(
            body(requestID: requestID), status: status, contentType: Self.contentType)
        for field in headers {
            response.headers[field.name] = field.value
        }
        return response
    }
}

extension Problem {
    /// One field of the request is missing or not as it should be (400 `invalid_field`).
    static func invalidField(_ field: String, _ detail: String) -> Problem {
        invalidFields([FieldError(field: field, detail: detail)])
    }

    /// Several fields are not as they should be (400 `invalid_field`); there is at least one.
    static func invalidFields(_ errors: [FieldError]) -> Problem {
        let detail = errors.map { "\($0.field) \($0.detail)" }.joined(separator: "; ")
        return Problem(status: .badRequest, code: "invalid_field", detail: detail, errors: errors)
    }

    /// The body is not JSON at all (400 `malformed_json`).
    static func malformedJSON(_ detail: String) -> Problem {
        Problem(status: .badRequest, code: "malformed_json", detail: detail)
    }

    /// A list in the body is longer than allowed (400 `too_many_items`).
    static func tooManyItems(_ field: String, limit: Int) -> Problem {
        let detail = "must have at most \(limit) entries"
        return Problem(
            status: .badRequest,
            code: "too_many_items",
            detail: "\(field) \(detail)",
            errors: [FieldError(field: field, detail: detail)])
    }

    /// The body is longer than `limit` bytes (413 `body_too_large`).
    static func bodyTooLarge(limit: Int) -> Problem {
        Problem(
            status: .contentTooLarge,
            code: "body_too_large",
            detail: "the body must not be longer than \(limit) bytes")
    }

    /// The condition of the request (`If-Match`, `If-None-Match`) is not so (412 `precondition_failed`).
    static let preconditionFailed = Problem(
        status: .preconditionFailed, code: "precondition_failed",
        detail: "what is there now is not what the request expects: read it again, and decide anew")

    /// The body is of another media type than JSON (415 `unsupported_media_type`).
    static let unsupportedMediaType = Problem(
        status: .unsupportedMediaType,
        code: "unsupported_media_type",
        detail: "the body must be application/json in UTF-8")

    /// The body is packed in some way (415 `unsupported_content_encoding`).
    static let unsupportedContentEncoding = Problem(
        status: .unsupportedMediaType,
        code: "unsupported_content_encoding",
        detail: "the body must be sent as it is, without a Content-Encoding",
        headers: [.acceptEncoding: "identity"])

    /// There is nothing at this path (404 `route_not_found`).
    static let routeNotFound = Problem(
        status: .notFound, code: "route_not_found", detail: "there is nothing at this path; /docs tells what there is")

    /// The path exists, but not for this method (405 `method_not_allowed`).
    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Problem {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(
            status: .methodNotAllowed,
            code: "method_not_allowed",
            detail: "this path answers to \(list)",
            headers: [.allow: list])
    }

    /// The token is missing, or not to be trusted (401); `challenge` is the `error` of RFC 6750, absent when no
    /// token was sent.
    static func unauthenticated(_ code: String, _ detail: String, challenge: String?) -> Problem {
        let error = challenge.map { ", error=\"\($0)\"" } ?? ""
        return Problem(
            status: .unauthorized,
            code: code,
            detail: detail,
            headers: [.wwwAuthenticate: "Bearer realm=\"shop\"\(error)"])
    }

    /// The client makes more requests than it may (429 `rate_limited`).
    static func rateLimited(retryAfter seconds: Int64) -> Problem {
        Problem(
            status: .tooManyRequests,
            code: "rate_limited",
            detail: "these are too many requests; try again after \(max(seconds, 1)) s",
            headers: [.retryAfter: String(max(seconds, 1))])
    }

    /// An account's password was wrong too often (429 `too_many_attempts`); says nothing of whether there is one.
    static func tooManyAttempts(retryAfter seconds: Int64) -> Problem {
        Problem(
            status: .tooManyRequests,
            code: "too_many_attempts",
            detail: "the password was wrong too often; try again after \(max(seconds, 1)) s",
            headers: [.retryAfter: String(max(seconds, 1))])
    }

    /// Something failed that the client can do nothing about (500 `internal_error`); says no more than that.
    static let internalError = Problem(
        status: .internalServerError, code: "internal_error", detail: "something went wrong on our side")

    /// Something the answer needs is not there at the moment (503); the client may try again soon.
    static func unavailable(_ code: String, _ detail: String) -> Problem {
        Problem(status: .serviceUnavailable, code: code, detail: detail, headers: [.retryAfter: "1"])
    }
}
