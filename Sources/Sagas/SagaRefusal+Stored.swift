import Events

extension SagaRefusal {
    /// The refusal that a row holds; nil if it holds none.
    init?(stored text: String?) throws {
        guard let text else { return nil }
        self = try MessageCoding.decode(SagaRefusal.self, from: Array(text.utf8))
    }

    /// The refusal as a row holds it.
    var stored: String {
        get throws { String(decoding: try MessageCoding.encode(self), as: UTF8.self) }
    }
}
