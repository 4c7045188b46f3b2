import HTTPTypes
import Hosting
import NIOCore
import ShopProtos
import SwiftProtobuf
import Synchronization
import Testing

@testable import Gateway

@Suite("Compressed answers")
struct CompressionTests {
    private static let gzip: HTTPFields = [.acceptEncoding: "gzip, deflate, br"]

    /// Product 7 has much to say, 8 little.
    private let product = RPC(Products_Products.Method.GetOneProduct.descriptor) {
        (request: Products_GetOneProductRequest) in
        Products_GetOneProductResponse.with {
            $0.product.id = request.id
            $0.product.version = 1
            $0.product.description_p = request.id == 7 ? String(repeating: "A samovar of brass. ", count: 100) : "Brass"
        }
    }
    private let change = RPC(Products_Products.Method.UpdateProduct.descriptor) { (_: Products_UpdateProductRequest) in
        Products_UpdateProductResponse()
    }
    private let cart = RPC(Cart_Customers.Method.GetCart.descriptor) { (_: Cart_GetCartRequest) in
        Cart_GetCartResponse.with {
            $0.lines = (1...100).map { id in .with { ($0.productID, $0.amount, $0.name) = (id, 1, "Samovar") } }
        }
    }

    @Test(
        "gzip is sent to who prefers it, or likes it as well",
        arguments: [
            (["gzip"], true), (["GZIP"], true), (["x-gzip"], true), (["br, gzip;q=0.5"], true), (["br", "gzip"], true),
            (["*"], true), (["identity;q=0, *;q=0.1"], true), (["gzip;q=1.0, identity;q=1"], true),
            (["gzip ; q=0.001"], true), ([], false), ([""], false), (["br"], false), (["gzip;q=0"], false),
            (["gzip;q=0, *"], false), (["gzip;q=0.5, identity"], false), (["*;q=0"], false), (["gzip;q=x"], false),
            (["gzip;q=2"], false), (["gzip;q=-1"], false), (["gzip;q=nan"], false), (["gzipped"], false),
            ([";"], false),
        ] as [([String], Bool)])
    func accepted(values: [String], isPreferred: Bool) {
        var headers = HTTPFields()
        for value in values { headers.append(HTTPField(name: .acceptEncoding, value: value)) }
        #expect(AcceptEncoding.prefersGzip(headers) == isPreferred)
    }

    @Test("What is compressed comes out again, the same each time, and is shorter or not sent so")
    func roundTrip() throws {
        for text in ["a" + String(repeating: "b", count: 100_000), EmbeddedDocuments.openAPI] {
            let compressed = try #require(Gzip.compress(ByteBuffer(string: text)))
            #expect(compressed.readableBytes < text.utf8.count / 3)
            #expect(try Gunzip.text(Array(compressed.readableBytesView)) == text)
            #expect(Gzip.compress(ByteBuffer(string: text)) == compressed)
        }
        let noise = ByteBuffer(bytes: (0..<5000).map { _ in UInt8.random(in: 0 ... .max) })
        #expect(Gzip.compress(noise) == nil)
        #expect(Gzip.compress(ByteBuffer(string: "x")) == nil && Gzip.compress(ByteBuffer()) == nil)
    }

    @Test("The catalogue is sent compressed to who takes that, with a tag of its own")
    func catalogue() async throws {
        try await InProcessGateway.with(product) { gateway async throws in
            let plain = try await gateway.call(.get, "/api/products/7")
            let tag = try #require(plain.headers[.eTag])
            #expect(plain.headers[.contentEncoding] == nil && plain.headers[.vary] == "Accept-Encoding")
            let packed = try await gateway.call(.get, "/api/products/7", headers: Self.gzip)
            #expect(packed.status == 200 && packed.headers[.contentEncoding] == "gzip")
            #expect(packed.headers[.contentType] == "application/json" && packed.headers[.vary] == "Accept-Encoding")
            #expect(packed.headers[.eTag] == "\(tag.dropLast())-gzip\"")
            #expect(packed.headers[.contentLength] == String(packed.bytes.count))
            #expect(try Gunzip.text(packed.bytes) == plain.body && packed.bytes.count < plain.bytes.count)
            let head = try await gateway.call(.head, "/api/products/7", headers: Self.gzip)
            for name in [HTTPField.Name.contentEncoding, .contentLength, .eTag, .vary] {
                #expect(head.headers[name] == packed.headers[name], "\(name)")
            }
            // It fits into a packet as it is.
            let small = try await gateway.call(.get, "/api/products/8", headers: Self.gzip)
            #expect(small.headers[.contentEncoding] == nil && small.headers[.vary] == nil)
            #expect(small.headers[.eTag]?.contains("gzip") == false)
        }
    }

    @Test("Who has either form is not sent it again, and is told of the form they have")
    func conditional() async throws {
        try await InProcessGateway.with(product) { gateway async throws in
            let tag = try #require(try await gateway.call(.get, "/api/products/7").headers[.eTag])
            let packed = "\(tag.dropLast())-gzip\""
            for accepted in [HTTPFields(), Self.gzip] {
                for (sent, told) in [(tag, tag), (packed, packed), ("W/\(packed)", packed)] {
                    var headers = accepted
                    headers[.ifNoneMatch] = sent
                    let answer = try await gateway.call(.get, "/api/products/7", headers: headers)
                    #expect(answer.status == 304 && answer.bytes.isEmpty, "\(sent)")
                    #expect(answer.headers[.eTag] == told && answer.headers[.vary] == "Accept-Encoding")
                    #expect(answer.headers[.contentEncoding] == nil)
                }
                var headers = accepted
                headers[.ifNoneMatch] = "\"x-gzip\""
                #expect(try await gateway.call(.get, "/api/products/7", headers: headers).status == 200)
            }
        }
    }

    @Test("Who has read the compressed form may write by its tag")
    func written() async throws {
        try await InProcessGateway.with(product, change) { gateway async throws in
            func patch(_ tag: String) async throws -> Int {
                try await gateway.call(.patch, "/api/products/7", as: 1, headers: [.ifMatch: tag], #"{"price":3}"#)
                    .status
            }
            let tag = try #require(try await gateway.call(.get, "/api/products/7", headers: Self.gzip).headers[.eTag])
            #expect(tag.hasSuffix("-gzip\""))
            #expect(try await patch(tag) == 200)
            #expect(try await patch("W/\(tag)") == 412)
            #expect(try await patch("\"x-gzip\"") == 412)
        }
        #expect(change.requests.map(\.expectedVersion) == [1])
    }

    @Test("Documents are sent compressed as well; what is a user's own never is")
    func others() async throws {
        try await InProcessGateway.with(cart) { gateway async throws in
            for (path, text) in [("/openapi.json", EmbeddedDocuments.openAPI), ("/docs", EmbeddedDocuments.page)] {
                let answer = try await gateway.call(.get, path, headers: Self.gzip)
                #expect(answer.headers[.contentEncoding] == "gzip" && answer.headers[.vary] == "Accept-Encoding")
                #expect(try Gunzip.text(answer.bytes) == text)
            }
            let own = try await gateway.call(.get, "/api/cart/2", as: 2, headers: Self.gzip)
            #expect(own.status == 200 && own.bytes.count > 2000)
            #expect(own.headers[.contentEncoding] == nil && own.headers[.vary] == nil)
            let problem = try await gateway.call(.get, "/api/products/7", headers: Self.gzip)
            #expect(problem.status >= 400 && problem.headers[.contentEncoding] == nil)
        }
    }

    @Test("A body is compressed once, and no more is kept than may be")
    func keptForms() async throws {
        let forms = CompressedBodies(byteLimit: 20_000)
        let asked = Mutex(0)
        func form(_ tag: String, _ text: String) async -> ByteBuffer? {
            await forms.gzip(tag) {
                asked.withLock { $0 += 1 }
                return ByteBuffer(string: text)
            }
        }
        let long = String(repeating: "samovar ", count: 1000)
        let first = await form("a", long)
        #expect(await form("a", long) == first && first != nil)
        #expect(await form("b", "x") == nil)
        #expect(await form("b", "x") == nil)
        #expect(asked.withLock { $0 } == 2)
        for number in 0..<1000 { _ = await form("\(number)", long) }
        #expect(await form("999", long) == first)
        #expect(asked.withLock { $0 } == 1002)
        _ = await form("a", long)
        #expect(asked.withLock { $0 } == 1003)
    }
}
