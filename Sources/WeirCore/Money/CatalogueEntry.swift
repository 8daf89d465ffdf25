/// What the catalogue knows of one model at one provider.
package struct CatalogueEntry: Sendable, Equatable {
    /// Name of the model at its provider, matched whole.
    package var id = ""
    package var provider = ""
    /// "small", "medium", "large" or "frontier".
    package var bucket = ""
    /// What the model is said to be made for, besides what `buckets` tells from its other traits.
    package var skills: [Bucket] = []
    /// A name that entries of the same weights share whose ids differ; `nil` where the id says it.
    package var weights: String?
    /// "chat" or "embedding".
    package var mode = ""
    /// Standard service, prompts up to the long-context threshold.
    package var price = Price()
    /// Message batches; `nil` members where no batch price is recorded.
    package var batch = Price()
    package var longContext: LongContext?
    /// Factors on every kind of token: "speed_fast", "inference_geo_us".
    package var multipliers: [String: Ratio] = [:]
    /// Whole price rows by the reply's service tier: "flex", "priority", "ultrafast".
    package var serviceTiers: [String: Price] = [:]
    package var offPeak: OffPeak?
    /// Nanodollars per thousand web searches; `nil` where unknown or dependent on more than their number.
    package var webSearchPer1k: Int64?
    /// Largest prompt plus output, in tokens.
    package var contextTokens: Int?
    package var maxOutputTokens: Int?
    /// Shortest prefix the provider caches, in tokens.
    package var cacheMinTokens: Int?
    /// How requests to the model must be written: "sampling_params", "assistant_prefill" and the like.
    package var wireFlags: [String: Bool] = [:]
    package var capabilities: [String] = []
    package var reasoningEfforts: [String] = []
    /// Day on which the provider takes it away, "2026-12-11".
    package var retires: String?
    /// Where the figures are from, mostly the vendor's own page.
    package var source = ""

    package init() {}

    /// The buckets it is in: its size, and what it is good at.
    ///
    /// reasoning by its capabilities; long-context where a prompt of 900,000 tokens fits, because sources
    /// give a window of about a million as 1,048,576, as 1,000,000, or less the output (922,000).
    package var buckets: [Bucket] {
        var buckets = Bucket(rawValue: bucket).map { [$0] } ?? []
        buckets += skills
        if mode != "chat" { return buckets }
        if capabilities.contains("reasoning") { buckets.append(.reasoning) }
        if let contextTokens, contextTokens >= 900_000 { buckets.append(.longContext) }
        return buckets
    }

    /// The price row of prompts that are longer than a threshold; it holds for the whole request.
    package struct LongContext: Sendable, Equatable {
        /// In tokens of the prompt, cached ones included; the row holds strictly above it.
        package var above = 0
        package var price = Price()
        package var batch = Price()

        package init() {}
    }

    /// A cheaper price row at certain hours, by the time a request starts.
    package struct OffPeak: Sendable, Equatable {
        package var price = Price()
        package var windows: [Window] = []

        package init() {}
    }

    /// Hours of some days of the week, in UTC.
    package struct Window: Sendable, Equatable {
        /// 1 is Monday, 7 Sunday.
        package var weekdays: Set<Int> = []
        /// Minutes after midnight; the end is not included, 1,440 is the end of the day.
        package var minutes: Range<Int> = 0..<0

        package init() {}

        /// True when the moment (microseconds since 1970) lies in the window.
        package func contains(_ moment: Int64) -> Bool {
            let minute = Self.floorDivide(moment, 60_000_000)
            let day = Self.floorDivide(minute, 1440)
            // 1 January 1970 was a Thursday, the fourth day.
            let weekday = Int((((day + 3) % 7) + 7) % 7) + 1
            return weekdays.contains(weekday) && minutes.contains(Int(minute - day * 1440))
        }

        private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
            let quotient = a / b
            return a % b < 0 ? quotient - 1 : quotient
        }
    }
}
