import WeirCore

/// The gauges of what is kept in memory, and of projects whose semantic cache judges found wanting.
struct CacheGauges {
    let health: CacheHealth
    let changed: [(project: String, safety: SemanticSafety)]

    /// Projects shown.
    private static let mostProjects = 200

    func write(to text: inout PrometheusText) {
        text.gauge("weir_cache_entries", "Answers kept, in memory or on disk.")
        text.line("weir_cache_entries", "", "\(health.memory.entries)")
        text.gauge("weir_cache_memory_bytes", "Bytes of answers in memory.")
        text.line("weir_cache_memory_bytes", "", "\(health.memory.memoryBytes)")
        text.gauge("weir_cache_disk_bytes", "Bytes of answers on disk, compressed.")
        text.line("weir_cache_disk_bytes", "", "\(health.memory.diskBytes)")
        text.counter("weir_cache_unstored_total", "Answers that did not find their way to the disk.")
        text.line("weir_cache_unstored_total", "", "\(health.overloads)")
        text.counter("weir_cache_damaged_total", "Answers on disk that could not be read back.")
        text.line("weir_cache_damaged_total", "", "\(health.damagedEntries)")
        text.gauge("weir_cache_up", "1 when answers are written to the disk.")
        text.line("weir_cache_up", "", health.problem == nil ? "1" : "0")
        let meaning = "Threshold in force of projects with too many false hits; 2 where nothing is answered by meaning."
        text.gauge("weir_cache_semantic_threshold", meaning)
        for one in changed.prefix(Self.mostProjects) {
            let value: String
            switch one.safety.standing {
            case .trusted: continue
            case .raised(let threshold): value = threshold.description
            case .switchedOff: value = "2"
            }
            text.line("weir_cache_semantic_threshold", "project=\(quoted(one.project))", value)
        }
        text.gauge(
            "weir_cache_semantic_verify", "0 for projects with too many false hits among verified paraphrases.")
        for one in changed.prefix(Self.mostProjects) where !one.safety.mayVerify {
            text.line("weir_cache_semantic_verify", "project=\(quoted(one.project))", "0")
        }
    }
}
