/// Counts of observations below fixed bounds, as Prometheus wants them.
struct Histogram: Sendable {
    /// Upper bounds in seconds, ascending.
    let bounds: [Double]
    private var counts: [UInt64]
    private var sum: Double = 0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    mutating func observe(_ seconds: Double) {
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }

    /// Writes the lines of one label set.
    func write(_ name: String, labels: String, to text: inout String) {
        var total: UInt64 = 0
        let separator = labels.isEmpty ? "" : ","
        for (index, bound) in bounds.enumerated() {
            total += counts[index]
            text += "\(name)_bucket{\(labels)\(separator)le=\"\(bound)\"} \(total)\n"
        }
        total += counts[bounds.count]
        text += "\(name)_bucket{\(labels)\(separator)le=\"+Inf\"} \(total)\n"
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        text += "\(name)_sum\(braces) \(sum)\n\(name)_count\(braces) \(total)\n"
    }

    /// From a tenth of a millisecond to ten minutes.
    static let latencyBounds: [Double] = [
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
    ]
    /// From ten microseconds to a tenth of a second.
    static let overheadBounds: [Double] = [
        0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1,
    ]
}
