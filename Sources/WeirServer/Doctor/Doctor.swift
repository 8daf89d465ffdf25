package import WeirCore
import NIOPosix

/// What `weir doctor` is asked to look at.
package struct DoctorOptions: Sendable {
    /// The gateway's address without the trailing "/v1".
    package var baseURL: BaseURL
    /// Sent as `x-api-key` and `authorization`; `nil` sends none.
    package var key: Secret?
    /// `nil` takes the first of `/v1/models` in the dialect.
    package var anthropicModel: String?
    package var openAIModel: String?
    /// `nil` takes the first of `/v1/models` with "embed" in its name.
    package var embeddingModel: String?
    /// Longest wait for one whole reply.
    package var timeout = Duration.seconds(60)
    package var checksCertificate = true

    package init(baseURL: BaseURL) { self.baseURL = baseURL }
}

/// Examines a gateway from outside, as its callers see it.
///
/// Works against any gateway that speaks the same surfaces; what only Weir has is skipped there.
package struct Doctor: Sendable {
    let options: DoctorOptions
    let client: ProbeClient
    let requests: ProbeRequests

    /// Throws when TLS cannot be set up.
    package init(_ options: DoctorOptions) throws {
        self.options = options
        client = try ProbeClient(
            base: options.baseURL, timeout: options.timeout, checksCertificate: options.checksCertificate,
            group: .singletonMultiThreadedEventLoopGroup)
        requests = ProbeRequests(key: options.key)
    }

    /// Runs every check, one after the other.
    package func examine() async -> DoctorReport {
        let nowhere = await attempt(ProbeRequest(path: "/doctor-asks-for-nothing"))
        if case .failure(let failure) = nowhere {
            return report([Finding("connection", .fail, failure.message)])
        }
        let unknown = await attempt(wrongKeyRequest(.chatCompletions, model: "doctor"))
        let isWeir = Self.isWeir([nowhere, unknown])
        var findings = await ownPages(isWeir: isWeir)
        let anthropic = await models(.anthropic, named: options.anthropicModel)
        let openAI = await models(.chat, named: options.openAIModel)
        findings += [anthropic.finding, openAI.finding]
        findings.append(await wrongKey(.messages, model: anthropic.text, isWeir: isWeir))
        findings.append(await wrongKey(.chatCompletions, model: openAI.text, isWeir: isWeir))
        var replies: [ProbeReply] = []
        findings += await surface(.messages, model: anthropic.text, into: &replies)
        findings += await surface(.chatCompletions, model: openAI.text, into: &replies)
        findings += await surface(.responses, model: openAI.text, into: &replies)
        let embedding = options.embeddingModel ?? openAI.embedding
        findings.append(await plain(.embeddings, model: embedding, into: &replies))
        findings.append(await ledgerRow(replies, isWeir: isWeir))
        return report(findings)
    }

    private func report(_ findings: [Finding]) -> DoctorReport {
        DoctorReport(baseURL: options.baseURL.origin + options.baseURL.basePath, findings: findings)
    }

    func attempt(_ request: ProbeRequest) async -> Result<ProbeReply, ProbeFailure> {
        do throws(ProbeFailure) { return .success(try await client.send(request)) } catch {
            return .failure(error)
        }
    }

    func wrongKeyRequest(_ endpoint: Endpoint, model: String) -> ProbeRequest {
        requests.plain(endpoint, model: model, key: ProbeRequests.wrongKey)
    }

    /// True when a reply carries Weir's request id or says its name.
    private static func isWeir(_ replies: [Result<ProbeReply, ProbeFailure>]) -> Bool {
        replies.contains { result in
            guard case .success(let reply) = result else { return false }
            return reply.field("x-weir-request-id") != nil || reply.text.contains("Weir ")
        }
    }
}
