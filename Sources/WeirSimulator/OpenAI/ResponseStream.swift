/// The events of a streamed response; `Script` adds the sequence numbers.
extension ResponseObject {
    var script: Script {
        var steps: [Script.Step] = []
        let begun = object(status: "in_progress", output: [], usage: nil)
        steps.append(.frame(Self.event("response.created", [("response", begun)])))
        steps.append(.frame(Self.event("response.in_progress", [("response", begun)])))
        let items = failure ? [] : items
        for (index, item) in items.enumerated() {
            let added = Self.whole(Self.emptied(item), "in_progress")
            steps.append(
                .frame(
                    Self.event(
                        "response.output_item.added", [("output_index", .int(index)), ("item", added)])))
            append(item, index, &steps)
            let isCut = status == "incomplete" && index == items.count - 1
            let done = Self.whole(item, isCut ? "incomplete" : "completed")
            steps.append(
                .frame(
                    Self.event("response.output_item.done", [("output_index", .int(index)), ("item", done)])))
        }
        var end = Self.event("response.\(status)", [("response", json)])
        end.isTerminal = true
        steps.append(.frame(end))
        let error = Self.event(
            "error", [("code", "server_error"), ("message", "The server had an error."), ("param", nil)])
        return Script(steps, error: error.bytes, numbered: true)
    }

    private func append(_ item: Item, _ index: Int, _ steps: inout [Script.Step]) {
        switch item {
        case .reasoning(let id, let summary?, _):
            let place = Self.place(id, index) + [("summary_index", 0)]
            let empty: Out = ["type": "summary_text", "text": ""]
            let full: Out = ["type": "summary_text", "text": .text(summary)]
            steps.append(
                .frame(Self.event("response.reasoning_summary_part.added", place + [("part", empty)])))
            steps.append(Self.deltas("response.reasoning_summary_text.delta", place, summary))
            steps.append(
                .frame(Self.event("response.reasoning_summary_text.done", place + [("text", .text(summary))]))
            )
            steps.append(.frame(Self.event("response.reasoning_summary_part.done", place + [("part", full)])))
        case .reasoning: break
        case .webSearch(let id):
            for phase in ["in_progress", "searching", "completed"] {
                steps.append(.frame(Self.event("response.web_search_call.\(phase)", Self.place(id, index))))
            }
        case .message(let id, let text, let isRefusal, let annotations):
            appendMessage(
                Self.place(id, index) + [("content_index", 0)], text, isRefusal, annotations, &steps)
        case .call(let id, let call):
            let (name, member) =
                call.isCustom
                ? ("response.custom_tool_call_input", "input")
                : ("response.function_call_arguments", "arguments")
            let place = Self.place(id, index)
            steps.append(Self.deltas("\(name).delta", place, call.arguments))
            steps.append(.frame(Self.event("\(name).done", place + [(member, .text(call.arguments))])))
        }
    }

    private func appendMessage(
        _ place: [(String, Out)], _ text: [UInt8], _ isRefusal: Bool, _ annotations: [Out],
        _ steps: inout [Script.Step]
    ) {
        let empty = Self.part([], isRefusal, [])
        steps.append(.frame(Self.event("response.content_part.added", place + [("part", empty)])))
        let name = isRefusal ? "response.refusal" : "response.output_text"
        let logprobs: [(String, Out)] = isRefusal ? [] : [("logprobs", [])]
        steps.append(Self.deltas("\(name).delta", place + logprobs, text))
        for (number, annotation) in annotations.enumerated() {
            let members = place + [("annotation_index", .int(number)), ("annotation", annotation)]
            steps.append(.frame(Self.event("response.output_text.annotation.added", members)))
        }
        let member = isRefusal ? "refusal" : "text"
        steps.append(.frame(Self.event("\(name).done", place + logprobs + [(member, .text(text))])))
        let full = Self.part(text, isRefusal, annotations)
        steps.append(.frame(Self.event("response.content_part.done", place + [("part", full)])))
    }

    /// The item as it is before its deltas: no summary, no arguments.
    private static func emptied(_ item: Item) -> Item {
        guard case .reasoning(let id, _, let encrypted) = item else { return item }
        return .reasoning(id: id, summary: nil, encrypted: encrypted)
    }

    private static func place(_ id: String, _ index: Int) -> [(String, Out)] {
        [("item_id", .string(id)), ("output_index", .int(index))]
    }

    private static func deltas(_ name: String, _ place: [(String, Out)], _ text: [UInt8]) -> Script.Step {
        Script.pieces(of: text) { event(name, place + [("delta", $0)]) }
    }

    private static func event(_ name: String, _ members: [(String, Out)]) -> Script.Frame {
        Script.event(name, .object([("type", .string(name))] + members))
    }
}
