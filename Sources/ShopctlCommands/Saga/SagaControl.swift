import Events
import Hosting
import Logging
import Orders
import Products
import Redis
import Sagas
import ShopContracts

/// The coordinators of a service's sagas in this process: what they decide they decide as the service's own do, under
/// the lock of the saga's row and with everything that follows from it.
///
/// Their messages are left to the service: decisions to its sweeper, events to its relay.
struct SagaControl: Sendable {
    let transactor: Transactor
    private let coordinators: [SagaCoordinator]
    private let redis: RedisClient?

    /// - Parameter reader: That of the service.
    init(_ reader: SagaReader, _ configuration: ShopConfiguration) throws {
        let (database, timing, logger) = (reader.database, SagaTiming(configuration), Logger.command("saga"))
        transactor = Transactor(database: database, outboxWake: Wake())
        guard reader.coordinator == Role.products.rawValue else {
            redis = nil
            coordinators = OrderSagas.coordinators(database: database, timing: timing, logger: logger)
            return
        }
        redis = try configuration.redisURL.map { url in
            var settings = try RedisConfiguration(url: url)
            settings.keyPrefix = configuration.redisKeyPrefix
            return RedisClient(configuration: settings, logger: logger)
        }
        coordinators = ProductSagas.coordinators(database: database, redis: redis, timing: timing, logger: logger)
    }

    func close() async { await redis?.close() }

    /// The coordinator of such sagas.
    ///
    /// - Throws: ``CommandFailure`` for a saga that this program does not know.
    func coordinator(of saga: SagaRecord) throws(CommandFailure) -> SagaCoordinator {
        guard let found = coordinators.first(where: { $0.definition.name == saga.name }) else {
            throw CommandFailure(.badData, "this program knows no saga \(saga.name)")
        }
        return found
    }
}
