import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// Sends the products of a file to the role that keeps them.
struct ProductSender: Sendable {
    /// The result of it.
    struct Outcome: Sendable {
        var imported: [(line: Int, id: Int64)] = []
        var faults: [(line: Int, fault: ProductLine.Fault)] = []
        /// The failure that ended it before its end.
        var failure: (any Error)?
        /// The first line that was not imported, where it was ended.
        var nextLine = 0
        /// The failure that kept the lines that could be read from being checked beside those that could not.
        var unchecked: (any Error)?
    }

    /// The most products and bytes of one transaction.
    private static let limit = (count: 1000, bytes: 3 << 20)
    /// The same, where the file is imported in parts.
    private static let batch = (count: 100, bytes: 1 << 20)

    let isDryRun: Bool
    /// For the audit trail; nil where nobody said.
    let reason: String?
    let keepsGoing: Bool
    /// The command that imports the same in parts; nil if it cannot be written down.
    var inParts: String?
    let progress: ProgressBar

    /// - Parameter makeCaller: Called if there is anything to send.
    /// - Throws: ``CommandFailure`` for a file that is too large.
    func send(
        _ lines: [ProductLine], _ name: String, _ makeCaller: () async throws -> OperatorCaller
    ) async throws -> Outcome {
        var outcome = Outcome()
        outcome.faults = lines.flatMap { line in line.faults.map { (line: line.number, fault: $0) } }
        let good = lines.filter(\.faults.isEmpty)
        guard !good.isEmpty else { return outcome }
        if !keepsGoing, !outcome.faults.isEmpty {
            // Nothing will be imported: the shop's faults are told too, so that the file is mended once.
            let checker = ProductSender(isDryRun: true, reason: nil, keepsGoing: true, progress: progress)
            do {
                let found = try await checker.send(lines, name, makeCaller)
                outcome.faults = found.faults
                outcome.unchecked = found.failure
            } catch {
                try Task.checkCancellation()
                outcome.unchecked = error
            }
            return outcome
        }
        let batches = keepsGoing ? try Self.batches(of: good) : [good]
        if !keepsGoing, try good.count > Self.limit.count || Self.size(of: good) > Self.limit.bytes {
            throw CommandFailure(
                .badData, "\(good.count) products are too many for all or nothing, or too large",
                hint: inParts, code: .importTooLarge, object: name)
        }
        let caller = try await makeCaller()
        let before = outcome
        outcome = try await caller.calling { peers in
            var outcome = before
            var done = 0
            defer { progress.end() }
            for batch in batches {
                progress.show(done, of: good.count, "products")
                do {
                    try await send(batch, peers.products, &outcome)
                } catch  where done > 0 {
                    outcome.failure = error
                    outcome.nextLine = batch[0].number
                    break
                }
                done += batch.count
            }
            return outcome
        }
        outcome.faults.sort { $0.line < $1.line }
        return outcome
    }

    private func send(
        _ lines: [ProductLine], _ products: any Products_Products.ClientProtocol, _ outcome: inout Outcome
    ) async throws {
        var request = Self.request(lines, keepsGoing: keepsGoing)
        request.reason = reason ?? ""
        let reply = try await post(request, products)
        for fault in reply.faults {
            guard let line = lines.indices.contains(Int(fault.index)) ? lines[Int(fault.index)] : nil else { continue }
            outcome.faults.append((line.number, ProductLine.Fault(field: fault.field, message: fault.message)))
        }
        for (line, id) in zip(lines, reply.ids) where id > 0 { outcome.imported.append((line.number, id)) }
    }

    private func post(
        _ request: Products_PostProductsRequest, _ products: any Products_Products.ClientProtocol
    ) async throws -> Products_PostProductsResponse {
        let options = OperatorCaller.patience(.seconds(60))
        if isDryRun { return try await products.checkPostProducts(request, options: options) }
        do {
            return try await products.postProducts(request, options: options)
        } catch {
            guard ServiceError(mapping: error).leavesOutcomeOpen else { throw error }
            // Running the same line again might put everything on sale twice: no status that invites to it.
            throw CommandFailure(
                .failure, "no answer came: \(request.products.count) products may be on sale or not",
                hint: "shopctl product list --since 5m")
        }
    }

    private static func request(_ lines: [ProductLine], keepsGoing: Bool) -> Products_PostProductsRequest {
        .with {
            $0.products = lines.map(\.draft)
            $0.keepGoing = keepsGoing
        }
    }

    private static func size(of lines: [ProductLine]) throws -> Int {
        let bytes: [UInt8] = try request(lines, keepsGoing: false).serializedBytes()
        return bytes.count
    }

    private static func batches(of lines: [ProductLine]) throws -> [[ProductLine]] {
        var batches: [[ProductLine]] = [[]]
        var bytes = 0
        for line in lines {
            let size = try size(of: [line])
            if batches[batches.count - 1].count == batch.count || bytes + size > batch.bytes {
                batches.append([])
                bytes = 0
            }
            batches[batches.count - 1].append(line)
            bytes += size
        }
        return batches.filter { !$0.isEmpty }
    }
}
