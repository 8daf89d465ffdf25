import NIOHTTP1

/// `POST /v1/files`: uploads are counted and forgotten but for their size and name.
extension Routing {
    static func createFile(_ inbound: Inbound, _ state: SimulatorState) -> Reply {
        let (id, size) = (identifier(inbound, state), inbound.body.count)
        guard inbound.isAnthropic else {
            return OpenAIEndpoint(inbound, state).checked { (_) throws(OpenAIRefusal) in
                guard isForm(inbound) else { throw OpenAIRefusal.missing("file") }
                state.count { $0.countFile() }
                return Reply(json: [
                    "id": .string("file-" + id), "object": "file", "bytes": .int(size),
                    "created_at": .int(Int(inbound.now)), "filename": "upload", "purpose": "user_data",
                    "status": "processed",
                ])
            }
        }
        return AnthropicEndpoint(inbound, state).checked { (_) throws(AnthropicRefusal) in
            guard isForm(inbound) else { throw AnthropicRefusal("file: Field required") }
            state.count { $0.countFile() }
            return Reply(json: [
                "type": "file", "id": .string("file_01" + id), "filename": "upload",
                "mime_type": "application/octet-stream", "size_bytes": .int(size),
                "created_at": .string(Clock.rfc3339(inbound.now)), "downloadable": false,
            ])
        }
    }

    private static func isForm(_ inbound: Inbound) -> Bool {
        inbound.headers.first(name: "content-type")?.lowercased().hasPrefix("multipart/form-data") == true
    }

    private static func identifier(_ inbound: Inbound, _ state: SimulatorState) -> String {
        Text.identifier("", seed: inbound.serial(state.options) ^ 0x6669, count: 22)
    }
}
