/// What an OpenAI request says of the prompt cache.
struct OpenAICacheTerms: Sendable {
    /// The end of a reusable prefix that the request marks itself.
    struct Breakpoint: Sendable {
        /// Bytes of the prompt up to and including the marked part.
        let end: Int
        /// Seconds.
        let lifetime: Int
    }

    /// `prompt_cache_key`; `nil` without one.
    let key: String?
    /// True where only the marked prefixes are written and read.
    let isExplicit: Bool
    /// Seconds an unused prefix of this request lives.
    let lifetime: Int
    /// True for models that charge for writes and take options and breakpoints: GPT-5.6 and later.
    let isCharged: Bool
    /// In prompt order.
    let breakpoints: [Breakpoint]

    /// Lifetimes in seconds.
    static let halfHour = 1_800
    static let halfDay = 43_200
    static let day = 86_400
    /// What models before GPT-5.6 keep; the guide says 5 to 10 minutes.
    static let tenMinutes = 600
    /// Characters of a key.
    static let keyLimit = 64

    /// - Parameters:
    ///   - breakpoints: the `prompt_cache_breakpoint` members of the prompt.
    ///   - takesKey: false for a server that knows none of these fields.
    init(
        _ body: JSON, model: String, _ surface: OpenAIRequest.Surface, breakpoints: [Canonical.Marker],
        takesKey: Bool = true
    ) throws(OpenAIRefusal) {
        if !takesKey, body["prompt_cache_key"] != nil { throw Self.unsupported("prompt_cache_key") }
        isCharged = Self.isCharged(model)
        key = try Self.key(body)
        let options = body["prompt_cache_options"].flatMap { $0.isNull ? nil : $0 }
        guard isCharged || options == nil else { throw Self.unsupported("prompt_cache_options") }
        guard isCharged || breakpoints.isEmpty else { throw Self.unsupported("prompt_cache_breakpoint") }
        guard options?.isObject != false else {
            throw OpenAIRefusal(
                "Invalid type for 'prompt_cache_options': expected an object.", param: "prompt_cache_options",
                code: "invalid_type")
        }
        let path = "prompt_cache_options"
        let mode = try Self.choice(options, "mode", of: ["implicit", "explicit"], path)
        isExplicit = mode == "explicit"
        let ttls = surface == .responses ? ["30m", "12h"] : ["30m"]
        let ttl = try Self.choice(options, "ttl", of: ttls, path)
        if isCharged {
            lifetime = ttl == "12h" ? Self.halfDay : Self.halfHour
        } else {
            lifetime = body["prompt_cache_retention"]?.string == "24h" ? Self.day : Self.tenMinutes
        }
        var points: [Breakpoint] = []
        for marker in breakpoints where !marker.value.isNull {
            let place = "prompt_cache_breakpoint"
            _ = try Self.choice(marker.value, "mode", of: ["explicit"], place)
            let own = try Self.choice(marker.value, "ttl", of: ttls, place)
            let seconds = own.map { $0 == "12h" ? Self.halfDay : Self.halfHour }
            points.append(Breakpoint(end: marker.end, lifetime: seconds ?? lifetime))
        }
        self.breakpoints = points
    }

    /// True for `gpt-5.6`, `gpt-6` and later; other names are taken for models that cache by themselves.
    static func isCharged(_ model: String) -> Bool {
        guard model.hasPrefix("gpt-") else { return false }
        let version = model.dropFirst(4).prefix { $0.isNumber || $0 == "." }
        // A letter right behind the digits is another family (gpt-4o).
        let next = model.dropFirst(4 + version.count).first
        guard next == nil || next == "-" else { return false }
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        guard let major = parts.first else { return false }
        return major > 5 || major == 5 && (parts.count > 1 ? parts[1] : 0) >= 6
    }

    private static func key(_ body: JSON) throws(OpenAIRefusal) -> String? {
        guard let value = body["prompt_cache_key"], !value.isNull else { return nil }
        guard let key = value.string else {
            throw OpenAIRefusal(
                "Invalid type for 'prompt_cache_key': expected a string.", param: "prompt_cache_key",
                code: "invalid_type")
        }
        let length = key.unicodeScalars.count
        guard length <= keyLimit else {
            throw OpenAIRefusal(
                "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length "
                    + "\(keyLimit), but got a string with length \(length) instead.",
                param: "prompt_cache_key", code: "string_above_max_length")
        }
        return key
    }

    private static func unsupported(_ name: String) -> OpenAIRefusal {
        OpenAIRefusal(
            "Unsupported parameter: '\(name)' is not supported with this model.", param: name,
            code: "unsupported_parameter")
    }

    private static func choice(
        _ object: JSON?, _ name: String, of known: [String], _ path: String
    ) throws(OpenAIRefusal) -> String? {
        guard let value = object?[name], !value.isNull else { return nil }
        if let text = value.string, known.contains(text) { return text }
        let list = known.map { "'\($0)'" }.joined(separator: " and ")
        throw OpenAIRefusal(
            "Invalid value: '\(value.string ?? "")'. Supported values are: \(list).",
            param: "\(path).\(name)",
            code: "invalid_value")
    }
}
