import Events
import ShopContracts

extension OrderState {
    /// The state that an order's row holds.
    ///
    /// - Throws: ``UnknownStoredValue`` for any other.
    init(stored text: String) throws(UnknownStoredValue) {
        try self.init(stored: text, of: "state of an order")
    }
}
