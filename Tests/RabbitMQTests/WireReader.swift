import CRabbitMQ
import DriverSupport

@testable import RabbitMQ

/// Reads bytes as if a broker had sent them: through the library, our decoding and the assembler.
enum WireReader {
    /// The events that the bytes hold, on a thread like that of a connection.
    /// - Throws: ``RabbitMQError`` where reading ends the connection.
    static func read(_ bytes: [UInt8]) async throws -> [MessageAssembler.Event] {
        let answer = OneAnswer<[MessageAssembler.Event]>()
        return try await withCheckedThrowingContinuation { continuation in
            _ = answer.wait(continuation)
            do {
                try OwningThread.start(name: "mq-reader", stackBytes: ThreadControl.stackBytes) {
                    do throws(RabbitMQError) {
                        answer.give(.success(try readHere(bytes)))
                    } catch {
                        answer.give(.failure(error))
                    }
                }
            } catch {
                answer.give(.failure(error))
            }
        }
    }

    /// The same on the calling thread.
    static func readHere(_ bytes: [UInt8]) throws(RabbitMQError) -> [MessageAssembler.Event] {
        guard let connection = amqp_new_connection() else {
            throw RabbitMQError(.connectionFailed, "no memory for a connection")
        }
        defer { amqp_destroy_connection(connection) }
        // The library can be tuned once it has seen the protocol's name.
        var frame = amqp_frame_t()
        _ = input(connection, [65, 77, 81, 80, 0, 0, 9, 1], &frame)
        _ = amqp_tune_connection(connection, 0, Int32(MessageLimits.frameBytes), 0)
        var assembler = MessageAssembler()
        var events: [MessageAssembler.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let used = input(connection, rest, &frame)
            guard used > 0 else {
                if used == 0 { break }
                throw RabbitMQError.library(used, "reading", else: .protocolViolation)
            }
            rest = rest.dropFirst(Int(used))
            guard frame.frame_type != 0, let inbound = try InboundFrame(frame) else { continue }
            if let event = try assembler.receive(inbound) { events.append(event) }
            amqp_maybe_release_buffers(connection)
        }
        return events
    }

    /// Hands bytes to the library; how many it has used, or what is wrong with them.
    private static func input(
        _ connection: amqp_connection_state_t, _ bytes: ArraySlice<UInt8>, _ frame: inout amqp_frame_t
    ) -> Int32 {
        bytes.withUnsafeBytes { bytes in
            amqp_handle_input(
                connection,
                amqp_bytes_t(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress)), &frame)
        }
    }
}
