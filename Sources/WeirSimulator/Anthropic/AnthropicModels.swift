/// `GET /v1/models` in Anthropic's shape.
extension AnthropicEndpoint {
    func models() -> Reply {
        checked { (_) throws(AnthropicRefusal) in
            let limit = inbound.parameter("limit").flatMap { Int($0) } ?? 20
            guard (1...1_000).contains(limit) else {
                throw AnthropicRefusal("limit: Input should be between 1 and 1000")
            }
            var models = AnthropicModel.all[...]
            if let after = inbound.parameter("after_id"),
                let at = models.firstIndex(where: { $0.id == after })
            {
                models = models[(at + 1)...]
            }
            if let before = inbound.parameter("before_id"),
                let at = models.firstIndex(where: { $0.id == before })
            {
                models = models[..<at]
            }
            let page = models.prefix(limit)
            return Reply(json: [
                "data": .array(page.map(Self.object)), "has_more": .bool(page.count < models.count),
                "first_id": .optional(page.first?.id), "last_id": .optional(page.last?.id),
            ])
        }
    }

    func model(_ id: String) -> Reply {
        checked { (_) throws(AnthropicRefusal) in
            guard let model = AnthropicModel.all.first(where: { $0.id == id }) else {
                throw AnthropicRefusal("model: \(id)", status: 404)
            }
            return Reply(json: Self.object(model))
        }
    }

    private static func object(_ model: AnthropicModel) -> Out {
        [
            "type": "model", "id": .string(model.id), "display_name": .string(model.name),
            "created_at": "2026-01-01T00:00:00Z", "lifecycle": "active", "line": .string(line(model.id)),
            "max_input_tokens": .int(model.window), "max_tokens": .int(model.maxOutput), "retires_at": nil,
            "deprecated_at": nil,
        ]
    }

    private static func line(_ id: String) -> String {
        let parts = id.split(separator: "-")
        return parts.count > 1 ? String(parts[1]) : id
    }
}
