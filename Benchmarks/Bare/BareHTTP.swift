import Hummingbird

/// A server of one route, without middleware.
enum BareHTTP {
    /// Serves until the process is told to end.
    static func serve(at address: Address, body: [UInt8]) async throws {
        let body = ByteBuffer(bytes: body)
        let router = Router()
        router.get("bare") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
                body: ResponseBody(byteBuffer: body))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname(address.host, port: address.port)),
            onServerRunning: { _ in Bare.announce() })
        try await application.runService()
    }
}
