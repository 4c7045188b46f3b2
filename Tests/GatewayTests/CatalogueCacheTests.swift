import HTTPTypes
import Hosting
import Logging
import Redis
import ShopContracts
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Two gateways that keep what they show of the catalogue, in front of a service that notes its changes in Redis.
@Suite(.timeLimit(.minutes(60))) struct CatalogueCacheTests {
    private typealias Method = Products_Products.Method

    /// A product whose price goes up, read through the cache that the services use.
    private final class Service: Sendable {
        private let price = Mutex<Int64>(1)
        private let reads = Mutex(0)
        private let cache: ReadThroughCache<Products_Product>
        /// Waits behind each read of the source, before its answer.
        private let delay = Mutex<(@Sendable () async -> Void)?>(nil)

        init(_ redis: RedisClient) {
            cache = ReadThroughCache(
                redis: redis, options: .init(keyPrefix: CachePrefix.products),
                encode: { try $0.serializedBytes() },
                decode: { try Products_Product(serializedBytes: $0) })
        }

        /// How often it was asked.
        var asked: Int { reads.withLock { $0 } }

        /// Has every answer from now on wait behind its read; nil for none.
        func hold(_ wait: (@Sendable () async -> Void)?) { delay.withLock { $0 = wait } }

        private func load() -> Products_Product {
            .with {
                $0.id = 7
                $0.price = price.withLock { $0 }
            }
        }

        func read() async throws -> Products_Product {
            reads.withLock { $0 += 1 }
            let product = try await cache.value("7") { self.load() } ?? .init()
            if let wait = delay.withLock({ $0 }) { await wait() }
            return product
        }

        func change(to new: Int64) async -> Products_Product {
            price.withLock { $0 = new }
            await cache.invalidate(["7"])
            return load()
        }

        var rpcs: [any Answering] {
            [
                RPC(Method.GetOneProduct.descriptor) { (_: Products_GetOneProductRequest) in
                    let product = try await self.read()
                    return Products_GetOneProductResponse.with { $0.product = product }
                },
                RPC(Method.SearchProducts.descriptor) { (_: Products_SearchProductsRequest) in
                    let product = try await self.read()
                    return Products_SearchProductsResponse.with { $0.products = [product] }
                },
                RPC(Method.UpdateProduct.descriptor) { (request: Products_UpdateProductRequest) in
                    let product = await self.change(to: request.price)
                    return Products_UpdateProductResponse.with { $0.product = product }
                },
            ]
        }
    }

    private func withGateways(
        _ body: @escaping @Sendable (_ gateways: [WatchingGateway], _ service: Service) async throws -> Void
    ) async throws {
        try await withFixture { fixture in
            let corner = fixture.redis()
            var configuration = try RedisConfiguration(url: corner.url)
            configuration.keyPrefix = corner.keyPrefix
            configuration.commandTimeout = .seconds(20)
            configuration.connectTimeout = .seconds(20)
            let redis = RedisClient(configuration: configuration, logger: .silent)
            fixture.atEnd { await redis.close() }
            let service = Service(redis)
            try await InProcessGateway.withPeers(service.rpcs) { [configuration] peers in
                let gateways = try await WatchingGateway.two(configuration, lifetime: .seconds(3600), fixture) {
                    try InProcessGateway(peers: peers, caches: $0)
                }
                try await body(gateways, service)
            }
        }
    }

    @Test("What was shown is shown again without the service, until it changes; then at once, at every gateway")
    func changedPrice() async throws {
        try await withGateways { gateways, service in
            for path in ["/api/products/7", "/api/products"] {
                // Its few seconds may be over on a busy machine.
                try await eventually("it is kept") {
                    _ = try await gateways[0].price(path)
                    let asked = service.asked
                    _ = try await gateways[0].price(path)
                    return service.asked == asked
                }
            }
            var price = try await gateways[0].price()
            for _ in 0..<50 {
                for gateway in gateways { _ = try await (gateway.price(), gateway.price("/api/products")) }
                price += 1
                try await gateways[0].change(to: price)
                #expect(try await gateways[0].price() == price)
                #expect(try await gateways[0].price("/api/products") == price)
                try await eventually("the other one shows it") {
                    let shown = try await [gateways[1].price(), gateways[1].price("/api/products")]
                    return shown == [price, price]
                }
            }
        }
    }

    @Test("Nobody sees an old price after the new one, however reads and changes meet")
    func neverBack() async throws {
        try await withGateways { gateways, service in
            service.hold { await Task.yield() }
            let end = Countdown(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Also when a change fails.
                defer { end.step() }
                for number in 0..<8 {
                    let gateway = gateways[number % 2]
                    let path = number < 4 ? "/api/products/7" : "/api/products"
                    group.addTask {
                        var last: Int64 = 0
                        while !end.isDone {
                            let price = try await gateway.price(path)
                            #expect(price >= last)
                            last = price
                            // What is kept is shown without a wait, so that readers would leave no thread to a change.
                            await Task.yield()
                        }
                    }
                }
                for price in 2...300 { try await gateways[price % 2].change(to: Int64(price)) }
                end.step()
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "What was read before a change is not kept behind the news of it",
        arguments: ["/api/products/7", "/api/products"])
    func slowRead(path: String) async throws {
        try await withGateways { gateways, service in
            let (read, mayAnswer) = (Countdown(1), Countdown(1))
            service.hold {
                read.step()
                await mayAnswer.done()
            }
            let slow = Task { try await gateways[1].price(path) }
            await read.done()
            service.hold(nil)
            _ = await service.change(to: 2)
            try await eventually("the gateway has heard of it") { gateways[1].told.hasChanged("product:7") }
            mayAnswer.step()
            #expect(try await slow.value == 1)
            #expect(try await gateways[1].price(path) == 2)
        }
    }

    @Test("Without word of changes nothing is kept")
    func unwatched() async throws {
        let catalogue = CatalogueCache(lifetime: .seconds(3600))
        let calls = Atomic(0)
        func read() async throws -> Int {
            _ = try await catalogue.response(.product(1)) { calls.add(1, ordering: .relaxed).newValue }
            return calls.load(ordering: .relaxed)
        }
        #expect(try await [read(), read()] == [1, 2])
        catalogue.heed(.began)
        _ = try await read()
        let kept = try await read()
        catalogue.heed(.ended)
        #expect(try await [read(), read()] == [kept + 1, kept + 2])
        catalogue.heed(.began)
        #expect(try await read() == kept + 3)
    }
}

extension WatchingGateway {
    /// The price that it shows.
    fileprivate func price(_ path: String = "/api/products/7") async throws -> Int64 {
        let answer = try await gateway.call(.get, path)
        #expect(answer.status == 200 && answer.headers[.eTag] != nil)
        let product = answer.json["products"].elements.first ?? answer.json
        return try #require(product["price"].integer)
    }

    fileprivate func change(to price: Int64) async throws {
        let answer = try await gateway.call(.patch, "/api/products/7", as: 1, #"{"price":\#(price)}"#)
        #expect(answer.status == 200, "\(answer.body)")
    }
}
