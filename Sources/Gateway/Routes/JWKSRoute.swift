import HTTPTypes
import Hummingbird
import NIOCore

/// The public keys that access tokens are signed with: `GET /.well-known/jwks.json`.
struct JWKSRoute: Sendable {
    /// The key set as JSON (RFC 7517); asked for at each request, since keys are rotated without a restart.
    let publicKeys: @Sendable () async throws -> [UInt8]

    func add(to table: inout RouteTable) {
        table.get("/.well-known/jwks.json", .everyone) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/jwk-set+json", .cacheControl: "public, max-age=300"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: try await publicKeys())))
        }
    }
}
