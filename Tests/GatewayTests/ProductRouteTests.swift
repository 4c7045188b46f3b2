import HTTPTypes
import Hosting
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Gateway

@Suite struct ProductRouteTests {
    private typealias Method = Products_Products.Method

    private static let samovar = Products_Product.with {
        $0.id = 7
        $0.name = "Samovar"
        $0.amount = 3
        $0.price = 125_000
        $0.currency = "RUB"
        $0.category = "electronics"
        $0.userID = 1
        $0.createdAt = "2026-11-25T15:51:32Z"
    }

    private let search = RPC(Method.SearchProducts.descriptor) { (request: Products_SearchProductsRequest) in
        Products_SearchProductsResponse.with {
            $0.products = [Self.samovar]
            $0.nextCursor = request.cursor.isEmpty ? "more" : ""
        }
    }

    @Test func aSearchGoesOnAsItWasMeant() async throws {
        try await InProcessGateway.with(search) { gateway async throws in
            let answer = try await gateway.call(
                .get,
                "/api/products?q=tea+pot&category=toys&seller_id=4&min_price=0&max_price=500&sort=-price&in_stock=true"
                    + "&limit=20&cursor=abc&unknown=1")
            #expect(answer.status == 200)
            #expect(answer.json["next_cursor"] == .null)
            #expect(answer.json.members.keys.contains("next_cursor"))
            let product = answer.json["products"].elements.first
            #expect(product?["name"] == .string("Samovar"))
            #expect(product?.members.keys.contains("photo_url") == false)
        }
        let asked = try #require(search.requests.first)
        #expect(asked.text == "tea pot" && asked.category == "toys" && asked.sellerID == 4)
        #expect(asked.hasMinPrice && asked.minPrice == 0 && asked.maxPrice == 500)
        #expect(asked.sort == .priceDescending && asked.inStock && asked.pageSize == 20 && asked.cursor == "abc")
    }

    @Test func withoutParametersEverythingIsListed() async throws {
        try await InProcessGateway.with(search) { gateway async throws in
            let answer = try await gateway.call(.get, "/api/products")
            #expect(answer.json["next_cursor"] == .string("more"))
        }
        #expect(search.requests == [Products_SearchProductsRequest()])
    }

    @Test(
        arguments: [
            ("newest", .newest), ("price", .priceAscending), ("-price", .priceDescending), ("name", .name),
            ("relevance", .default),
        ] as [(String, Products_SearchProductsRequest.Sort)])
    func everySortHasItsName(_ name: String, _ sort: Products_SearchProductsRequest.Sort) throws {
        #expect(try ProductSearch.message(QueryParameters(query: "sort=\(name)"), seller: nil).sort == sort)
    }

    @Test(arguments: [
        ("sort=PRICE", ["sort"]), ("min_price=-1", ["min_price"]), ("min_price=5&max_price=4", ["max_price"]),
        ("seller_id=0&limit=0", ["seller_id", "limit"]), ("in_stock=1", ["in_stock"]),
        ("q=" + String(repeating: "x", count: 201), ["q"]), ("category=a%0Ab", ["category"]),
    ])
    func aSearchIsReadStrictly(_ query: String, _ fields: [String]) async throws {
        let answer = try await InProcessGateway(peers: Peers(local: [])).call(.get, "/api/products?\(query)")
        #expect(answer.status == 400)
        #expect(answer.fields == fields)
    }

    @Test func aSellersProductsAreThatSellersAlone() async throws {
        try await InProcessGateway.with(search) { gateway async throws in
            #expect(try await gateway.call(.get, "/api/sellers/9/products?seller_id=4&limit=5").status == 200)
            #expect(try await gateway.call(.get, "/api/sellers/x/products").fields == ["seller_id"])
        }
        #expect(search.requests.map(\.sellerID) == [9])
        #expect(search.requests.map(\.pageSize) == [5])
    }

    @Test func theOriginalListingsStay() async throws {
        let one = RPC(Method.GetOneProduct.descriptor) { (_: Products_GetOneProductRequest) in
            Products_GetOneProductResponse.with { $0.product = Self.samovar }
        }
        let list = RPC(Method.GetProducts.descriptor) { (_: Products_GetProductsRequest) in
            Products_GetProductsResponse.with { $0.products = [Self.samovar] }
        }
        let categories = RPC(Method.GetCategories.descriptor) { (_: Products_GetCategoriesRequest) in
            Products_GetCategoriesResponse.with { $0.categories = ["shoes", "toys"] }
        }
        try await InProcessGateway.with(one, list, categories) { gateway async throws in
            #expect(try await gateway.call(.get, "/api/products/7").json["id"] == .number("7"))
            #expect(try await gateway.call(.get, "/api/products/%31%30").status == 200)
            #expect(try await gateway.call(.get, "/api/products/toys").json["products"].elements.count == 1)
            #expect(try await gateway.call(.get, "/api/categories").body == #"{"categories":["shoes","toys"]}"#)
        }
        #expect(one.requests.map(\.id) == [7, 10] && list.requests.map(\.category) == ["toys"])
    }

    @Test func aChangeHoldsWhatWasGivenOnly() async throws {
        let update = RPC(Method.UpdateProduct.descriptor) { (_: Products_UpdateProductRequest) in
            Products_UpdateProductResponse.with { $0.product = Self.samovar }
        }
        try await InProcessGateway.with(update) { gateway async throws in
            let answer = try await gateway.call(.patch, "/api/products/7", as: 1, #"{"price":5,"amount":0}"#)
            #expect(answer.status == 200 && answer.json["id"] == .number("7"))
            #expect(try await gateway.call(.patch, "/api/products/%37", as: 1, #"{"photo_url":null}"#).status == 200)
        }
        let asked = update.requests
        try #require(asked.count == 2)
        #expect(asked[0].id == 7 && asked[0].price == 5 && asked[0].hasAmount && asked[0].amount == 0)
        #expect(!asked[0].hasName && !asked[0].hasDescription_p && !asked[0].hasCategory && !asked[0].hasPhotoURL)
        #expect(asked[1].id == 7 && asked[1].hasPhotoURL && asked[1].photoURL.isEmpty && !asked[1].hasPrice)
    }

    @Test(arguments: [
        ("{}", ["the body"]), (#"{"x":1}"#, ["x"]), (#"{"name":null}"#, ["name"]), (#"{"price":0}"#, ["price"]),
        (#"{"amount":-1,"name":""}"#, ["name", "amount"]), (#"{"price":"1"}"#, ["price"]),
        (#"{"photo_url":"ftp://a"}"#, ["photo_url"]), (#"{"photo_url":"https://"}"#, ["photo_url"]),
        (#"{"photo_url":"http:///x"}"#, ["photo_url"]), (#"{"photo_url":"https://a/b c"}"#, ["photo_url"]),
        (#"{"photo_url":"javascript:alert(1)"}"#, ["photo_url"]), (#"{"category":"a\nb"}"#, ["category"]),
        (#"{"photo_url":"https://a.example/é"}"#, ["photo_url"]), (#"{"photo_url":"https://a/%zz"}"#, ["photo_url"]),
        (#"{"photo_url":"https://a/\#(String(repeating: "a", count: 2039))"}"#, ["photo_url"]),
        (#"{"amount":1000000001,"price":1000000000001}"#, ["amount", "price"]),
    ])
    func aChangeIsReadStrictly(_ body: String, _ fields: [String]) async throws {
        let answer = try await InProcessGateway(peers: Peers(local: [])).call(.patch, "/api/products/7", as: 1, body)
        #expect(answer.status == 400)
        #expect(answer.fields == fields)
    }

    @Test func aPhotoIsToldWhatItMustBe() throws {
        var checks = FieldChecks()
        for good in ["", "https://a.example/%C3%A9", "HTTP://a/\(String(repeating: "a", count: 2039))"] {
            checks.photoURL(good, "photo_url")
        }
        try checks.finish()
        checks.photoURL("https://a.example/é", "photo_url")
        #expect(checks.errors.map(\.detail).joined().contains("percent-encoded"))
    }

    @Test(arguments: [
        (#""amount":0,"price":1"#, ["amount"]), (#""amount":1000000001,"price":1"#, ["amount"]),
        (#""amount":1,"price":0"#, ["price"]), (#""amount":1,"price":1000000000001"#, ["price"]),
    ])
    func aNewProductIsReadStrictly(_ numbers: String, _ fields: [String]) async throws {
        let body = #"{"name":"a","category":"toys",\#(numbers)}"#
        let answer = try await InProcessGateway(peers: Peers(local: [])).call(.post, "/api/products", as: 1, body)
        #expect(answer.status == 400 && answer.code == "invalid_field")
        #expect(answer.fields == fields)
    }

    @Test func aNewProductMayHaveAPhoto() async throws {
        let post = RPC(Method.PostProduct.descriptor) { (_: Products_PostProductRequest) in
            Products_PostProductResponse.with { $0.id = 8 }
        }
        let product =
            #"{"name":"a","amount":1000000000,"price":1000000000000,"category":"toys","photo_url":"https://a.example/b"}"#
        try await InProcessGateway.with(post) { gateway async throws in
            #expect(try await gateway.call(.post, "/api/products", as: 3, product).body == #"{"id":8}"#)
            #expect(try await gateway.call(.post, "/api/products", product).status == 401)
        }
        #expect(post.requests.map(\.photoURL) == ["https://a.example/b"])
        #expect(post.requests.map(\.userID) == [3])
    }

    @Test func aDeletionNamesItsSagaAndARefusalIsAConflict() async throws {
        let delete = RPC(Method.DeleteProduct.descriptor) { (request: Products_DeleteProductRequest) in
            guard request.id == 7 else {
                throw ServiceError.failedPrecondition("product_reserved", "an order holds it")
            }
            return Products_DeleteProductResponse.with {
                $0.status = "ok"
                $0.sagaID = "s"
            }
        }
        try await InProcessGateway.with(delete) { gateway async throws in
            let answer = try await gateway.call(.delete, "/api/products/7", as: 1)
            #expect(answer.body == #"{"saga_id":"s","status":"ok"}"#)
            let refused = try await gateway.call(.delete, "/api/products/8", as: 1)
            #expect(refused.status == 409 && refused.code == "product_reserved")
            #expect(try await gateway.call(.delete, "/api/products/toys", as: 1).fields == ["product"])
            #expect(try await gateway.call(.delete, "/api/products/7").status == 401)
        }
    }
}
