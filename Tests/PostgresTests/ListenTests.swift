import Synchronization
import TestSupport
import Testing

@testable import Postgres

@Suite struct ListenTests {
    @Test func notificationsArriveInOrder() async throws {
        try await withScene { scene in
            var events = scene.client.listen(["orders", "odd \"name\""]).makeAsyncIterator()
            #expect(try await events.next() == .resynchronise)
            for number in 1...3 { try await scene.client.query("SELECT pg_notify('orders', \(String(number)))") }
            try await scene.client.query("SELECT pg_notify('elsewhere', 'x')")
            try await scene.client.query("NOTIFY \"odd \"\"name\"\"\"")
            for number in 1...3 {
                #expect(try await events.next() == .message(channel: "orders", payload: String(number)))
            }
            #expect(try await events.next() == .message(channel: "odd \"name\"", payload: ""))
        }
    }

    @Test func aLostConnectionIsMadeAgainAndMarked() async throws {
        try await withScene { scene in
            var events = scene.client.listen(["orders"]).makeAsyncIterator()
            #expect(try await events.next() == .resynchronise)
            for round in 0..<2 {
                try await scene.client.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND query LIKE 'LISTEN%'
                    """)
                #expect(try await events.next() == .resynchronise)
                try await scene.client.query("SELECT pg_notify('orders', \(String(round)))")
                #expect(try await events.next() == .message(channel: "orders", payload: String(round)))
            }
        }
    }

    @Test func aReaderThatFallsBehindIsTold() async throws {
        try await withScene { scene in
            let stream = scene.client.listen(["flood"])
            var events = stream.makeAsyncIterator()
            #expect(try await events.next() == .resynchronise)
            var round = 0
            // The server tells when it has sent them, nobody when they have come: one that reads at once may keep up.
            try await eventually("it falls behind and is told") {
                round += 1
                let last = "last of \(round)"
                try await scene.client.query(
                    "SELECT count(pg_notify('flood', i::text)) FROM generate_series(1, 3000) i")
                try await scene.client.query("SELECT pg_notify('flood', \(last))")
                try await eventually("all are sent") {
                    try await scene.client.query("SELECT pg_notification_queue_usage()")[0]
                        .decode(at: 0, as: Double.self) == 0
                }
                var wasTold = false
                while let event = try await events.next(), event != .message(channel: "flood", payload: last) {
                    if event == .resynchronise { wasTold = true }
                }
                return wasTold
            }
        }
    }

    @Test func theSequenceEndsWithTheClientAndTheConnectionWithTheReader() async throws {
        try await withScene { scene in
            let client = scene.another()
            let seen = Mutex<[PostgresNotification]>([])
            let reader = Task {
                for try await event in client.listen(["a"]) { seen.withLock { $0.append(event) } }
            }
            let listening = { () async throws -> Int in
                try await scene.client.query(
                    """
                    SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'
                    """
                ).count
            }
            // The server listens a moment before the reader is told so.
            try await eventually { seen.withLock { $0 } == [.resynchronise] }
            #expect(try await listening() == 1)
            await client.close()
            try await reader.value
            #expect(seen.withLock { $0 } == [.resynchronise])
            try await eventually { try await listening() == 0 }

            let second = Task { for try await _ in scene.client.listen(["a"]) {} }
            try await eventually { try await listening() == 1 }
            second.cancel()
            try await eventually { try await listening() == 0 }
        }
    }

    @Test func aChannelWithoutANameIsRefused() async throws {
        try await withScene { scene in
            for name in ["", String(repeating: "x", count: 64)] {
                var events = scene.client.listen([name]).makeAsyncIterator()
                do {
                    _ = try await events.next()
                    Issue.record("not refused")
                } catch {
                    #expect((error as? PostgresError)?.kind == .usage)
                }
            }
        }
    }
}
