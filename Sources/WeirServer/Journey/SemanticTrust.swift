import Logging
import Synchronization
import WeirCore

/// How far each project's hits by meaning can be trusted; one for the process.
final class SemanticTrust: Sendable {
    /// Projects remembered; of others hits are trusted as configured.
    private static let mostProjects = 10_000
    /// Verdicts older than this, in microseconds, do not count at the start: thirty days.
    private static let memory: Int64 = 30 * 86_400 * 1_000_000

    private let projects = Mutex<[String: SemanticSafety]>([:])

    /// The threshold in force; `nil` where nothing may be answered by meaning.
    func threshold(of project: String?, _ configured: Similarity) -> Similarity? {
        projects.withLock { projects in
            guard let known = projects[project ?? ""] else { return configured }
            return known.threshold(configured)
        }
    }

    /// Whether a paraphrase may be put to the judge.
    func mayVerify(_ project: String?) -> Bool { projects.withLock { $0[project ?? ""]?.mayVerify ?? true } }

    /// Takes up the verdicts of earlier processes, so that a restart does not forgive.
    ///
    /// Blocks on the disk.
    func restore(from reader: LedgerReader, _ options: CacheOptions, now: Int64) throws {
        var known: [String: SemanticSafety] = [:]
        try reader.forEachVerdict(since: now - Self.memory) { project, step, threshold, verdict in
            let name = project ?? ""
            guard known[name] != nil || known.count < Self.mostProjects else { return }
            let threshold = threshold.map(Similarity.init(millionths:))
            _ = known[name, default: SemanticSafety()].note(
                verdict, of: step, at: threshold ?? options.projects[name]?.threshold ?? options.threshold,
                limitPercent: options.falseHitLimit(of: project))
        }
        projects.withLock { $0 = known }
    }

    /// Takes a judge's verdict on a hit; raises an alert where it changes what the project may do.
    func note(
        _ verdict: ResponseCacheFigures.Judgement, of step: CacheStep, in project: String?,
        at threshold: Similarity, limitPercent: Int, _ log: Logger
    ) {
        let change = projects.withLock { projects -> SemanticSafety.Change? in
            guard projects[project ?? ""] != nil || projects.count < Self.mostProjects else { return nil }
            return projects[project ?? "", default: SemanticSafety()].note(
                verdict, of: step, at: threshold, limitPercent: limitPercent)
        }
        let metadata: Logger.Metadata = [
            "project": "\(project ?? "-")", "step": "\(step.rawValue)", "threshold": "\(threshold)",
            "limit": "\(limitPercent) %",
        ]
        switch change {
        case nil: break
        case .raised(let raised):
            log.warning(
                "semantic cache: too many false hits; the threshold is raised",
                metadata: metadata.merging(["to": "\(raised)"]) { $1 })
        case .switchedOff:
            log.error("semantic cache: too many false hits; it is switched off", metadata: metadata)
        case .noLongerVerifies:
            log.error("semantic cache: too many false hits; paraphrases are no longer verified", metadata: metadata)
        }
    }

    /// Projects that are not trusted as configured, by name.
    var changed: [(project: String, safety: SemanticSafety)] {
        projects.withLock { projects in
            projects.filter { !$0.value.isTrusted }.map { ($0.key, $0.value) }.sorted { $0.project < $1.project }
        }
    }
}
