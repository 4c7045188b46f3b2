import Events
import FoundationEssentials
import Sagas
import ShopContracts

/// The services that send messages of a type.
enum MessageSenders {
    private static let sagas = [OrderPlacement.definition, OrderCancellation.definition, ProductDeletion.definition]
    private static let events: [(types: [String], sender: String)] = [
        (OrderEvent.types, "orders"), ([ProductEvent.deleted, ProductEvent.kept], "products"),
        ([ReviewEvent.posted], "reviews"), ([NotificationEvent.created], "customers"),
    ]

    /// - Parameter type: Also the routing key.
    static func of(_ type: String) -> [String] {
        for saga in sagas {
            if saga.participantBindings.contains(type) { return [saga.coordinator] }
            if saga.coordinatorBindings.contains(type) { return saga.participants }
        }
        return events.filter { $0.types.contains(type) }.map(\.sender)
    }

    /// The commands that send messages of a type again. Coordinators send those of their sagas again by themselves.
    ///
    /// - Parameter since: From when on; nil for all that an outbox has kept.
    static func replay(_ type: String, since: Date?) -> [String] {
        if sagas.contains(where: { ($0.participantBindings + $0.coordinatorBindings).contains(type) }) { return [] }
        // The figures of a look are some seconds old.
        let begin = since.map { ($0 - 60).formatted(Date.ISO8601FormatStyle()) } ?? "24h"
        return of(type).map { "shopctl outbox replay --service \($0) --type \(type) --since \(begin)" }
    }
}
