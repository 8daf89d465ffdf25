import FoundationEssentials

/// `POST /v1/embeddings`: unit vectors drawn from the input, so that equal inputs have equal vectors.
extension OpenAIEndpoint {
    func embeddings() -> Reply {
        checked { (_) throws(OpenAIRefusal) in
            let body = try body()
            guard let model = body["model"]?.string, !model.isEmpty else {
                throw OpenAIRefusal("you must provide a model parameter")
            }
            if model.hasSuffix("-missing") {
                throw OpenAIRefusal(
                    "The model `\(model)` does not exist.", status: 404, code: "model_not_found")
            }
            let inputs = try Self.inputs(body["input"])
            let usual = model.contains("large") ? 3_072 : 1_536
            let size = body["dimensions"]?.int ?? usual
            guard (1...usual).contains(size) else {
                throw OpenAIRefusal(
                    "Invalid value for 'dimensions'.", param: "dimensions", code: "invalid_value")
            }
            let isBase64 = body["encoding_format"]?.string == "base64"
            let data = inputs.enumerated().map { index, input -> Out in
                let vector = Self.vector(input.bytes, model: model, size: size, seed: state.options.seed)
                let embedding: Out = isBase64 ? .string(Self.base64(vector)) : Self.floats(vector)
                return ["object": "embedding", "index": .int(index), "embedding": embedding]
            }
            let tokens = inputs.reduce(0) { $0 + $1.tokens }
            return Reply(json: [
                "object": "list", "data": .array(data), "model": .string(model),
                "usage": ["prompt_tokens": .int(tokens), "total_tokens": .int(tokens)],
            ])
        }
    }

    /// A text, or an array of token numbers.
    private struct Input {
        let bytes: [UInt8]
        let tokens: Int

        init(_ value: JSON) {
            if let text = value.string {
                bytes = Array(text.utf8)
                tokens = Tokens.of(bytes: bytes.count)
            } else {
                bytes = Array(value.raw)
                tokens = value.items?.count ?? 1
            }
        }
    }

    private static func inputs(_ value: JSON?) throws(OpenAIRefusal) -> [Input] {
        guard let value, !value.isNull else { throw OpenAIRefusal.missing("input") }
        guard let items = value.items else {
            guard value.isString else { throw OpenAIRefusal("'$.input' is invalid.", param: "input") }
            return try checked([Input(value)])
        }
        guard let first = items.first else { throw OpenAIRefusal("'$.input' is invalid.", param: "input") }
        // A flat array of numbers is one input of tokens.
        if first.int != nil { return try checked([Input(value)]) }
        return try checked(items.map(Input.init))
    }

    private static func checked(_ inputs: [Input]) throws(OpenAIRefusal) -> [Input] {
        guard inputs.count <= 2_048 else {
            throw OpenAIRefusal("'input' must have at most 2048 entries.", param: "input")
        }
        guard !inputs.contains(where: { $0.bytes.isEmpty }) else {
            throw OpenAIRefusal("'input' cannot be an empty string.", param: "input")
        }
        if let long = inputs.first(where: { $0.tokens > 8_192 }) {
            throw OpenAIRefusal(
                "This model's maximum context length is 8192 tokens, however you "
                    + "requested \(long.tokens) tokens.",
                param: "input", code: "context_length_exceeded")
        }
        guard inputs.reduce(0, { $0 + $1.tokens }) <= 300_000 else {
            throw OpenAIRefusal("Requested too many tokens: at most 300000 in one request.", param: "input")
        }
        return inputs
    }

    private static func vector(_ bytes: [UInt8], model: String, size: Int, seed: UInt64) -> [Float] {
        var digest = Digest(seed: seed)
        digest.add(model)
        digest.add(bytes)
        var random = SplitMix(seed: digest.seed)
        let raw = (0..<size).map { _ in Float(random.unit() * 2 - 1) }
        let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? raw.map { $0 / length } : raw
    }

    private static func base64(_ vector: [Float]) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(vector.count * 4)
        for value in vector {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return Data(bytes).base64EncodedString()
    }

    private static func floats(_ vector: [Float]) -> Out {
        let text = "[" + vector.map(\.description).joined(separator: ",") + "]"
        return .raw(Array(text.utf8))
    }
}
