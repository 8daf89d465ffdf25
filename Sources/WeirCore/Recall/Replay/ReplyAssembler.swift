/// Makes the plain reply of a stream: the body that the provider would have sent without streaming.
///
/// Reads the bytes of the body in pieces of any size, without transfer or content encoding. Texts are joined
/// as they were written, so that a character that two events share comes out whole. What is not fully known
/// is refused, and so is a reply that `ReplyCheck` refuses. For a caller whose connection broke off there is
/// nothing to finish: a stream counts only up to its last event.
package struct ReplyAssembler: Sendable {
    /// Bytes of the stream that may still come.
    private var rest: Int
    private var scanner: SSEScanner
    private var state: State

    /// `limit` bounds the bytes of the stream that are read; past it the assembler gives up.
    package init(endpoint: Endpoint, limit: Int) {
        rest = limit
        scanner = SSEScanner(maxEventBytes: limit)
        state = State(endpoint: endpoint)
    }

    /// What is in the way already; nothing needs to be read any more then.
    package var obstacle: ReplyObstacle? { state.obstacle }

    /// Takes the next bytes of the stream.
    package mutating func read(_ bytes: UnsafeRawBufferPointer) {
        guard state.obstacle == nil else { return }
        rest -= bytes.count
        if rest < 0 { return giveUp(.tooLarge) }
        scanner.push(bytes, into: &state) { (state, event) in state.read(event) }
        if let obstacle = state.obstacle { giveUp(obstacle) }
    }

    /// Ends the stream; the body, or why there is none.
    package mutating func finish() -> Result<[UInt8], ReplyObstacle> {
        scanner.finish(into: &state) { (state, event) in state.read(event) }
        let result = state.result
        giveUp(state.obstacle ?? .noEnd)
        return result
    }

    /// Lets go of what was gathered.
    private mutating func giveUp(_ obstacle: ReplyObstacle) {
        scanner = SSEScanner(maxEventBytes: 0)
        state = State(endpoint: state.endpoint)
        state.obstacle = obstacle
    }
}

extension ReplyAssembler {
    /// One assembly for each dialect, of which the endpoint's is used.
    struct State: Sendable {
        let endpoint: Endpoint
        var obstacle: ReplyObstacle?
        private var message = MessageAssembly()
        private var completion = CompletionAssembly()
        private var response = ResponseAssembly()

        init(endpoint: Endpoint) { self.endpoint = endpoint }

        mutating func read(_ event: SSEEvent) {
            guard obstacle == nil else { return }
            do throws(ReplyObstacle) {
                if event.isCut { throw .tooLarge }
                if event.isNamed("error") { throw .errorReply }
                if event.data.isEmpty { return }
                switch endpoint {
                case .messages: try message.read(event)
                case .chatCompletions: try completion.read(event)
                case .responses: try response.read(event)
                case .embeddings, .countTokens, .models, .anthropicOther, .openAIOther, .raw:
                    throw .endpoint
                }
            } catch {
                obstacle = error
            }
        }

        var result: Result<[UInt8], ReplyObstacle> {
            if let obstacle { return .failure(obstacle) }
            do throws(ReplyObstacle) {
                let body: [UInt8]
                switch endpoint {
                case .messages: body = try message.body()
                case .chatCompletions: body = try completion.body()
                case .responses: body = try response.body()
                case .embeddings, .countTokens, .models, .anthropicOther, .openAIOther, .raw:
                    throw .endpoint
                }
                if case .refused(let obstacle) = ReplyCheck.check(body, endpoint: endpoint) { throw obstacle }
                return .success(body)
            } catch {
                return .failure(error)
            }
        }
    }
}
