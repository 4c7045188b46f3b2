import Logging

/// Says once that Redis is away, and once that it is back, however many attempts lie between.
struct RedisOutageLog {
    let logger: Logger
    let server: String
    private var isOut = false
    /// The code of the refusal that was told last.
    private var refusal: String?

    init(logger: Logger, server: String) {
        self.logger = logger
        self.server = server
    }

    mutating func began(_ error: RedisError) {
        let isNews = error.refusal != nil && error.refusal != refusal
        refusal = error.refusal ?? refusal
        if isOut, !isNews {
            logger.debug("redis is still away", metadata: ["server": "\(server)", "error": "\(error.message)"])
            return
        }
        isOut = true
        logger.warning(
            "redis is away: its cache misses until it is back",
            metadata: ["server": "\(server)", "error": "\(error.message)"])
    }

    mutating func ended() {
        if isOut {
            logger.notice("redis is back", metadata: ["server": "\(server)"])
        } else {
            logger.debug("connected to redis", metadata: ["server": "\(server)"])
        }
        isOut = false
        refusal = nil
    }

    func connectionClosed(_ error: RedisError) {
        logger.debug(
            "redis closed the connection; connecting again",
            metadata: ["server": "\(server)", "error": "\(error.message)"])
    }
}
