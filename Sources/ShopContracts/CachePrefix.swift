/// The beginnings of the names under which services keep what they have read in Redis. Whoever keeps copies of it
/// watches for their changes.
public enum CachePrefix {
    /// Products by id.
    public static let products = "product:"
    /// Ratings by product.
    public static let ratings = "rating:"
}
