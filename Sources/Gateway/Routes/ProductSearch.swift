import ShopProtos

/// A search as its query parameters say it.
enum ProductSearch {
    private static let sorts: KeyValuePairs<String, Products_SearchProductsRequest.Sort> = [
        "relevance": .default, "newest": .newest, "price": .priceAscending, "-price": .priceDescending, "name": .name,
    ]

    /// Reads `q`, `category`, `seller_id`, `min_price`, `max_price`, `sort`, `in_stock`, `limit` and `cursor`.
    /// Throws a ``Problem`` that names each parameter that is wrong.
    ///
    /// - Parameter seller: Whose products it is about, when the path says so; the parameter is not looked at then.
    static func message(_ query: QueryParameters, seller: Int64?) throws(Problem) -> Products_SearchProductsRequest {
        var query = query
        var message = Products_SearchProductsRequest()
        message.text = query.text("q", limit: 200) ?? ""
        message.category = query.text("category", limit: 100) ?? ""
        message.sellerID = seller ?? query.integer("seller_id", 1...Int64.max) ?? 0
        let lowest = query.integer("min_price", 0...Int64.max)
        let highest = query.integer("max_price", 0...Int64.max)
        if let lowest { message.minPrice = lowest }
        if let highest { message.maxPrice = highest }
        query.require(lowest ?? 0 <= highest ?? .max, "max_price", "must not be less than min_price")
        message.sort = query.choice("sort", sorts) ?? .default
        message.inStock = query.flag("in_stock")
        message.pageSize = query.limit()
        message.cursor = query.cursor()
        try query.finish()
        return message
    }
}
