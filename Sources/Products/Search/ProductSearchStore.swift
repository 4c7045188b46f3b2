import Hosting
import Postgres

/// The SQL of searches.
extension ProductStore {
    /// The products of a page, and the cursor of the next; it is empty on the last.
    func search(_ search: ProductSearch) async throws -> (products: [Product], nextCursor: String) {
        let rows = try await database.query(SearchStatement(search).query)
        let found = try zip(Self.products(rows), rows).map { product, row in
            (
                product: product,
                key: ProductSearch.Key(
                    number: try row.decode("sort_number", as: Int64?.self),
                    text: try row.decode("sort_text", as: String?.self), id: product.id)
            )
        }
        let (page, cursor) = search.page.cut(found, of: search.listing) { $0.key }
        return (page.map(\.product), cursor)
    }

    /// The number of products on all pages.
    func count(_ search: ProductSearch) async throws -> Int64 {
        try await database.query(SearchStatement(search, isCount: true).query).decode((Int64).self)[0]
    }
}

/// A search as SQL: only the conditions that are asked for stand in it, so that the planner sees which index serves.
private struct SearchStatement {
    private var conditions = ["state = 'on_sale'"]
    private var values: [any PostgresEncodable] = []
    private var text = ""

    /// - Parameter isCount: Whether all are counted instead of a page being read.
    init(_ search: ProductSearch, isCount: Bool = false) {
        var words: String?
        if let text = search.words {
            let query = "websearch_to_tsquery('simple', \(bind(text)))"
            conditions.append("search @@ \(query)")
            words = query
        }
        if let category = search.category { conditions.append("category = \(bind(category))") }
        if let seller = search.sellerID { conditions.append("seller_id = \(bind(seller))") }
        if let price = search.minPrice { conditions.append("price >= \(bind(price))") }
        if let price = search.maxPrice { conditions.append("price <= \(bind(price))") }
        if search.inStock { conditions.append("amount > reserved") }
        if let since = search.period.since { conditions.append("created_at >= \(bind(since))") }
        if let until = search.period.until { conditions.append("created_at < \(bind(until))") }
        if isCount {
            let tables = search.inStock ? ProductStore.tables : "catalogue"
            text = "SELECT count(*) FROM \(tables) WHERE \(conditions.joined(separator: " AND "))"
            return
        }
        let number: String?
        switch search.order {
        // A rank is a property of the row and the words; as an integer it goes through a cursor unchanged.
        case .rank: number = words.map { "(ts_rank(search, \($0)) * 1000000)::bigint" }
        case .priceAscending, .priceDescending: number = "price"
        case .newest, .oldest, .name: number = nil
        }
        let name = search.order == .name ? "lower(name)" : nil
        let ascends = [.priceAscending, .name, .oldest].contains(search.order)
        if let last = search.page.after {
            let comparison = ascends ? ">" : "<"
            if let number {
                conditions.append("(\(number), id) \(comparison) (\(bind(last.number ?? 0)), \(bind(last.id)))")
            } else if let name {
                conditions.append("(\(name), id) \(comparison) (\(bind(last.text ?? "")), \(bind(last.id)))")
            } else {
                conditions.append("id \(comparison) \(bind(last.id))")
            }
        }
        let direction = ascends ? "ASC" : "DESC"
        let order = [number, name, "id"].compactMap { $0 }.map { "\($0) \(direction)" }.joined(separator: ", ")
        text = """
            SELECT \(ProductStore.columns), \(number ?? "NULL")::bigint AS sort_number, \(name ?? "NULL")::text AS sort_text
            FROM \(ProductStore.tables) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) LIMIT \(search.page.size + 1)
            """
    }

    var query: PostgresQuery {
        var query = PostgresQuery(unsafeSQL: text)
        for value in values { query.bind(value) }
        return query
    }

    /// Binds a value.
    ///
    /// - Returns: Its name in the statement.
    private mutating func bind(_ value: some PostgresEncodable) -> String {
        values.append(value)
        return "$\(values.count)"
    }
}
