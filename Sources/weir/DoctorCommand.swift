import ArgumentParser
import WeirCore
import WeirServer

/// `weir doctor`: checks a running gateway from outside.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check a running gateway from outside and print what passes and what does not.",
        discussion: """
            Looks at health, keys, model lists, one plain and one streamed request for each surface, whether streams \
            arrive as they are made, and the ledger row of a request. Sends a handful of small requests to the \
            providers behind the gateway. Works against other gateways too; what only Weir has is skipped.

            Exits with 1 when a check fails.
            """)

    @Argument(help: "The gateway's address. Default: ANTHROPIC_BASE_URL, else http://127.0.0.1:8787.")
    var baseURL: String?

    @Option(help: "The caller key. Default: WEIR_CALLER_KEY, ANTHROPIC_API_KEY or OPENAI_API_KEY.")
    var key: String?

    @Option(help: "Model for the Anthropic surface. Default: the first that /v1/models lists.")
    var anthropicModel: String?

    @Option(name: .customLong("openai-model"), help: "Model for Chat and Responses. Default: the first listed.")
    var openAIModel: String?

    @Option(help: "Model for embeddings. Default: the first listed with \"embed\" in its name.")
    var embeddingModel: String?

    @Option(help: ArgumentHelp("Longest wait for one whole reply.", valueName: "seconds"))
    var timeout = 60

    @Flag(help: "Accept any TLS certificate.")
    var insecure = false

    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    func validate() throws {
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout must be 1 to 3600.") }
    }

    func run() async throws {
        let report = try await Doctor(try options(currentEnvironment)).examine()
        print(json ? report.json : report.table)
        if report.hasFailures { throw ExitCode(1) }
    }

    private func options(_ environment: [String: String]) throws -> DoctorOptions {
        var text = baseURL ?? environment["ANTHROPIC_BASE_URL"] ?? "http://127.0.0.1:8787"
        while text.hasSuffix("/") { text.removeLast() }
        // The OpenAI form of the base URL; the doctor's paths have their own /v1.
        if text.hasSuffix("/v1") { text.removeLast(3) }
        let base: BaseURL
        do throws(BaseURLProblem) { base = try BaseURL(text) } catch {
            throw ValidationError("The base URL \(text) \(error.message).")
        }
        var options = DoctorOptions(baseURL: base)
        let names = ["WEIR_CALLER_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"]
        let found = key ?? names.compactMap { environment[$0] }.first { !$0.isEmpty }
        options.key = found.map { Secret($0) }
        options.anthropicModel = anthropicModel
        options.openAIModel = openAIModel
        options.embeddingModel = embeddingModel
        options.timeout = .seconds(timeout)
        options.checksCertificate = !insecure
        return options
    }
}
