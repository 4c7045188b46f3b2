import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import TestSupport
import Testing

@testable import Events
@testable import Sagas

/// What the tests of the sagas' rules do to the shop.
extension Shop {
    /// Waits until a message that has failed once waits in a service's first retry queue.
    func waitForRetry(of service: String) async throws {
        let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
        try await eventually("a message of \(service) waits to be tried again") {
            for delay in RetryDelay.allCases
            where try await admin.checkQueue("\(service).retry.\(delay.rawValue).v2").messages > 0 { return true }
            return false
        }
        await admin.close()
    }

    /// Sends a `try` as a coordinator would, and waits until both participants have accepted.
    func tryBranch(
        _ definition: SagaDefinition, _ saga: UUID, _ payload: OrderPlacement.Payload
    ) async throws {
        try await publish(definition.type(.try), saga, TryBody(payload: payload))
        for database in [productsDB, customersDB] {
            try await eventually("the branch was tried") {
                try await number(
                    "SELECT count(*) FROM saga_branches WHERE saga_id = \(saga) AND state = 'tried'", database) == 1
            }
        }
    }

    /// Records a saga that stays undecided, since somebody must vote who never does.
    func recordSaga(_ definition: SagaDefinition, _ saga: UUID, _ payload: OrderPlacement.Payload) async throws {
        try await Transactor(database: ordersDB, outboxWake: Wake()).run { work in
            let row = SagaStore.New(
                id: saga, subjectID: payload.orderID, payload: try MessageCoding.encode(payload), traceparent: nil)
            try await work.transaction.query(
                SagaStore(name: definition.name, timing: SagaTiming(ShopConfiguration.standard)).insertion(
                    of: [row], participants: definition.participants + ["auditors"]))
        }
    }

    /// Has a database's clock tell a time an hour from now to every session that begins from here on; the others end.
    func jumpAhead(_ database: PostgresClient) async throws {
        for statement: PostgresQuery in [
            "CREATE SCHEMA ahead",
            """
            CREATE FUNCTION ahead.now() RETURNS timestamptz LANGUAGE sql STABLE
            AS $$ SELECT pg_catalog.now() + interval '1 hour' $$
            """,
            """
            CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$
            """,
            """
            DO $$ BEGIN
                EXECUTE format('ALTER DATABASE %I SET search_path = ahead, pg_catalog, public', current_database());
            END $$
            """,
        ] { try await database.query(statement) }
        try await database.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
    }
}
