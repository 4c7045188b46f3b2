/// The labels of one time series, in canonical order and already escaped.
struct LabelSet: Hashable, Sendable {
    /// `{a="b",c="d"}`, or nothing.
    let text: String

    init(_ dimensions: [(String, String)]) {
        guard !dimensions.isEmpty else {
            text = ""
            return
        }
        var pairs: [(name: String, value: String)] = []
        for (name, value) in dimensions {
            let name = MetricName.label(name)
            // A scrape with the same label twice is refused as a whole: the first one stands.
            if !pairs.contains(where: { $0.name == name }) { pairs.append((name, value)) }
        }
        pairs.sort { $0.name < $1.name }
        let members = pairs.map { "\($0.name)=\"\(PrometheusText.escapedLabelValue($0.value))\"" }
        text = "{\(members.joined(separator: ","))}"
    }

    /// The labels of a histogram's bucket.
    func text(addingUpperBound bound: Double) -> String {
        let le = "le=\"\(PrometheusText.number(bound))\"}"
        return text.isEmpty ? "{\(le)" : "\(text.dropLast()),\(le)"
    }
}
