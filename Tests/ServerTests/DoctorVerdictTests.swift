import Testing
import WeirCore

@testable import WeirServer

@Suite struct DoctorVerdictTests {
    private func arrivals(_ milliseconds: [Int]) -> [ProbeReply.Arrival] {
        milliseconds.map { .init(at: .milliseconds($0), bytes: 10) }
    }

    @Test(arguments: [
        ([41, 80, 120, 160], Finding.Verdict.pass),
        // Two moments are enough when the first is well before the end.
        ([100, 900], .pass),
        // All at once after a wait: held back.
        ([800, 800, 801, 801], .fail),
        // A gap, but only at the very end: the head of the stream was held back.
        ([780, 800], .fail),
        ([800], .fail),
        // Nothing can be told of an answer that took no time.
        ([1, 2, 3], .skip),
        ([39], .skip),
        ([], .fail),
    ])
    func gapsBetweenArrivalsTellWhetherAStreamWasHeldBack(_ times: [Int], _ expected: Finding.Verdict) {
        #expect(StreamVerdict.buffering(arrivals(times)).0 == expected)
    }

    @Test func aHeldStreamIsExplainedWithItsRemedy() {
        let (verdict, detail) = StreamVerdict.buffering(arrivals([800, 802]))
        #expect(verdict == .fail)
        #expect(detail.hasPrefix("Everything came at once, first bytes after 800 ms, last after 802 ms."))
        #expect(detail.contains("proxy_buffering off"))
    }

    private func stream(_ text: String, type: String = "text/event-stream; charset=utf-8") -> ProbeReply {
        var reply = ProbeReply(status: 200)
        reply.fields = [(name: "content-type", value: type)]
        reply.body = Array(text.utf8)
        return reply
    }

    private static let start = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n"
    private static let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"

    @Test(arguments: [
        (Endpoint.messages, start + stop, Finding.Verdict.pass),
        (.messages, start, .fail),
        // The last event is cut before its blank line: what a parser of whole events would miss.
        (.messages, start + "event: message_stop\ndata: {\"type\":\"mess", .fail),
        (.messages, start + "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"m\"}}\n\n" + stop, .fail),
        (.messages, "data: [DONE]\n\n", .fail),
        (.chatCompletions, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n", .pass),
        (.chatCompletions, "data: {\"choices\":[]}\n\n", .fail),
        (.chatCompletions, "data: {\"error\":{\"message\":\"m\"}}\n\ndata: [DONE]\n\n", .fail),
        (.chatCompletions, "data: {\"choices\":[],\"error\":null}\r\n\r\ndata: [DONE]\r\n\r\n", .pass),
        (.responses, "data: {\"type\":\"response.completed\",\"response\":{\"error\":null}}\n\n", .pass),
        (.responses, "data: {\"type\":\"response.incomplete\"}\n\n", .pass),
        (.responses, "data: {\"type\":\"response.failed\"}\n\n", .fail),
        (.responses, "data: [DONE]\n\n", .fail),
        (.chatCompletions, "", .fail),
    ])
    func aStreamIsWholeOnlyWithItsSurfacesLastEvent(
        _ endpoint: Endpoint, _ text: String, _ expected: Finding.Verdict
    ) {
        #expect(StreamVerdict.completion(stream(text), endpoint: endpoint).0 == expected)
    }

    @Test func aPlainReplyToAStreamedRequestFails() {
        let (verdict, detail) = StreamVerdict.completion(
            stream("{}", type: "application/json"), endpoint: .chatCompletions)
        #expect(verdict == .fail)
        #expect(detail.contains("application/json"))
    }

    @Test func theErrorOfAStreamIsShown() {
        let text = "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"overloaded\"}}\n\n"
        #expect(StreamVerdict.completion(stream(text), endpoint: .messages).1.contains("overloaded"))
    }

    @Test(arguments: [
        (401, ["x-should-retry": "false"], true, Finding.Verdict.pass),
        (401, [:], true, .fail),
        (401, ["x-should-retry": "true"], true, .fail),
        // Other gateways do not know the header.
        (401, [:], false, .pass),
        (200, [:], false, .fail),
        (403, [:], false, .fail),
        // A passthrough route: the provider has judged the key.
        (401, ["x-weir-provider": "anthropic"], true, .skip),
    ])
    func aWrongKeyMustBeRefusedForGood(
        _ status: Int, _ fields: [String: String], _ isWeir: Bool, _ expected: Finding.Verdict
    ) {
        var reply = ProbeReply(status: status)
        reply.fields = fields.map { (name: $0.key, value: $0.value) }
        #expect(Doctor.wrongKeyFinding("wrong key", reply, isWeir: isWeir).verdict == expected)
    }

    @Test(arguments: [
        (["text-embedding-3-small", "gpt-5.4"], "gpt-5.4"), (["whisper-1"], "whisper-1"),
        (["claude-haiku-4-5"], "claude-haiku-4-5"),
    ])
    func theModelForTextIsTheFirstThatAnswersText(_ ids: [String], _ expected: String) {
        #expect(ReplyReading.firstTextModel(ids) == expected)
    }

    @Test func noModelIsTakenFromAnEmptyList() {
        #expect(ReplyReading.firstTextModel([]) == nil)
        #expect(ReplyReading.firstEmbeddingModel(["gpt-5.4"]) == nil)
        #expect(ReplyReading.firstEmbeddingModel(["gpt-5.4", "mistral-embed"]) == "mistral-embed")
    }
}
