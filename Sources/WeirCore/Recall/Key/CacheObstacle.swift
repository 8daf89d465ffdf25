/// Why a request is neither answered from the cache nor kept in it.
///
/// Raw values are stored and shown; they stay as they are.
package enum CacheObstacle: String, Error, Sendable, CaseIterable {
    /// Nothing of that endpoint is cached.
    case endpoint
    /// The body is no JSON object.
    case malformed
    case duplicateMember = "duplicate_member"
    /// Deeper than 512 levels.
    case nesting
    /// More members, or more work to bring them into order, than one request is worth.
    case tooComplex = "too_complex"
    /// A part of the prompt is kept by the provider and named by an id.
    case serverHeldPrompt = "server_held_prompt"
    /// The provider is asked to keep the reply under its id.
    case storedReply = "stored_reply"
    case background
    /// A tool that the provider runs by itself.
    case serverTool = "server_tool"
    /// Files and programs live on at the provider between requests.
    case container
    /// The request is there to fill the provider's prompt cache, not for its answer.
    case prewarm
}

extension CacheObstacle {
    /// One sentence for the caller.
    package var sentence: String {
        switch self {
        case .endpoint: "Replies of this endpoint are not cached."
        case .malformed: "The body is not one JSON object."
        case .duplicateMember: "An object in the body has two members of the same name."
        case .nesting: "The body nests deeper than \(JSONBytes.maxDepth) levels."
        case .tooComplex: "The body has too many members to compare it with others."
        case .serverHeldPrompt: "A part of the prompt is kept by the provider and may change there."
        case .storedReply:
            "The provider is asked to store the reply (`store`), and a cached reply has no id it knows."
        case .background: "The request runs in the background."
        case .serverTool: "The provider runs a tool by itself, and what it finds or does changes over time."
        case .container: "The request works in a container that the provider keeps."
        case .prewarm: "The request warms the provider's prompt cache; a cached reply would not."
        }
    }
}
