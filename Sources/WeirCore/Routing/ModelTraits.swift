/// What decides which models may stand in for each other.
package struct ModelTraits: Sendable, Equatable {
    /// The same for all names of the same weights; the id where nothing else is known.
    var identity: String
    /// small, medium, large or frontier; `nil` where it is not known.
    var size: Bucket?
    /// code, reasoning, long-context.
    package private(set) var skills: Set<Bucket> = []
    /// Nanodollars of three million tokens in and one million out; `nil` where a price is not known.
    var price: Int64?
    var isEmbedding = false
    /// Position in `Catalogue.entries`.
    var entry: Int?

    /// The traits of a model at a provider, what the configuration says of it over the catalogue.
    package init(model: String, provider: String, _ config: Config, _ catalogue: Catalogue) {
        entry = catalogue.index(model: model, provider: provider)
        identity = model
        var buckets: [Bucket] = []
        var price: Price?
        if let entry {
            let known = catalogue.entries[entry]
            identity = known.weights ?? known.id
            isEmbedding = known.mode == "embedding"
            buckets = known.buckets
            price = known.price
        }
        if let override = config.models[model] {
            if !override.buckets.isEmpty {
                // What is written without a size keeps the size that is known.
                let sizes = override.buckets.contains(where: \.isSize) ? [] : buckets.filter(\.isSize)
                buckets = override.buckets + sizes
            }
            price = override.price ?? price
        }
        size = buckets.first(where: \.isSize)
        skills = Set(buckets.filter { !$0.isSize })
        if let input = price?.input, let output = price?.output {
            let (sum, overflow) = input.multipliedReportingOverflow(by: 3)
            let (total, isTooMuch) = sum.addingReportingOverflow(output)
            self.price = overflow || isTooMuch ? nil : total
        }
    }

    /// How many times dearer the dearer of two is; infinite where one's price is not known or nothing.
    func distance(to other: ModelTraits) -> Double {
        guard let one = price, let two = other.price, one > 0, two > 0 else { return .infinity }
        return Double(max(one, two)) / Double(min(one, two))
    }
}

extension Bucket {
    /// True for the four that order models by ability; a model is of one of them.
    package var isSize: Bool { rank != nil }

    /// From 0 for the smallest size; `nil` for what is no size.
    package var rank: Int? {
        switch self {
        case .small: 0
        case .medium: 1
        case .large: 2
        case .frontier: 3
        case .code, .reasoning, .longContext: nil
        }
    }
}
