import Testing
import WeirCore

/// Whether a stream begins with an error, told as early as its bytes allow.
@Suite struct FirstEventTests {
    private static func look(_ text: String) -> FirstEvent {
        Array(text.utf8).withUnsafeBytes(FirstEvent.look)
    }

    @Test(arguments: [
        "event: error\ndata: {\"type\":\"error\"}\n\n", "event:error\r\n", "\u{FEFF}event: error\n",
        "\n\nevent: error\n", "event: response.failed\n", "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
        "data:{\"error\" : {", "data: {\"type\":\"error\",\"error\":{}}", "data: { \"type\" : \"error\"",
    ])
    func errorsAreSeen(_ text: String) {
        #expect(Self.look(text) == .error)
    }

    @Test(arguments: [
        "event: message_start\n", "event: errors\n", "event: error_report\n", ": comment\n\nevent: error\n",
        "data: {\"id\":\"chatcmpl-1\"", "data: [DONE]", "data: {\"error\":null", "data: {\"type\":\"response",
        "event: response.created\n", "id: 1\n", "{\"error\":{", "retry: 10\n",
    ])
    func everythingElseIsOrdinary(_ text: String) {
        #expect(Self.look(text) == .ordinary)
    }

    /// Every prefix of an error is open until it is an error; every prefix of a usual beginning is open or
    /// ordinary, and stays what it is.
    @Test func moreBytesNeverTakeAVerdictBack() {
        for text in [
            "event: error\ndata: {}\n\n", "data: {\"error\":{\"code\":1}}\n\n", "event: message_start\ndata: {}\n\n",
            "data: {\"type\":\"error\",\"x\":1}\n\n", "event: response.failed\n\n",
        ] {
            var verdict = FirstEvent.unknown
            for count in 0...text.utf8.count {
                let now = Array(text.utf8.prefix(count)).withUnsafeBytes(FirstEvent.look)
                #expect(verdict == .unknown || now == verdict, "\(text.prefix(count))")
                verdict = now
            }
            #expect(verdict != .unknown)
        }
    }

    @Test func idsOfResponsesAreFoundInTheFirstBytes() {
        func id(_ text: String) -> String? { Array(text.utf8).withUnsafeBytes(ReplyID.response) }
        #expect(id(#"{"id":"resp_0a1","object":"response"}"#) == "resp_0a1")
        #expect(
            id("event: response.created\ndata: {\"response\":{\"id\":\"resp_7\"}}\n\n") == "resp_7")
        #expect(id(#"{"id":"resp_cut"#) == nil)
        #expect(id(#"{"id":"msg_1"}"#) == nil && id("") == nil)
        #expect(id(String(repeating: " ", count: 5000) + #""resp_1""#) == nil)
    }
}
