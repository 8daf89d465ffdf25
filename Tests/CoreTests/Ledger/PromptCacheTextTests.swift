import Testing

@testable import WeirCore

@Suite struct PromptCacheTextTests {
    private static var row: Row {
        var figures = PromptCacheFigures()
        figures.conversation = 255
        figures.fingerprint = .max
        figures.prefix = .broken
        figures.commonBlocks = 3
        figures.commonBytes = 4_096
        figures.blocks = 12
        figures.bytes = 80_000
        figures.callerMarkers = 2
        figures.marks = "system:5m,messages[14].content[1]:5m:bridge"
        figures.decision = .marked
        figures.expectedSaving = Money(nanodollars: -1_500)
        figures.expectedRead = 20_000
        figures.change = PromptChange(kind: .timestamp, path: "system[1]", offset: 77)
        figures.changeCost = Money(nanodollars: 25_000_000)
        figures.affinity = .moved
        var row = Row()
        row.promptCache = figures
        row.savings = [
            Saving(
                source: .promptCache, amount: Money(nanodollars: -250_000),
                baseline: Money(nanodollars: 1_000_000)),
            Saving(source: .nativeCache, amount: nil, baseline: nil),
        ]
        return row
    }

    @Test func figuresAreAnObjectAndSavingsAList() throws {
        let text = RowJSON.text(Self.row)
        let json = try JSONValue(text)
        let cache = try #require(json["prompt_cache"])
        let expected = try JSONValue(
            """
            {"conversation":"00000000000000ff","fingerprint":"ffffffffffffffff","prefix":"broken",\
            "common_blocks":3,"common_bytes":4096,"blocks":12,"bytes":80000,"caller_markers":2,\
            "marks":"system:5m,messages[14].content[1]:5m:bridge","decision":"marked",\
            "expected_saving_usd":-0.0000015,"observed_lower_usd":null,"observed_upper_usd":null,\
            "expected_read_tokens":20000,\
            "change":{"kind":"timestamp","path":"system[1]","offset":77},\
            "change_cost_usd":0.025,"affinity":"moved"}
            """)
        #expect(cache == expected)
        let savings = try JSONValue(
            """
            [{"source":"prompt_cache","amount_usd":-0.00025,"baseline_usd":0.001},\
            {"source":"native_cache","amount_usd":null,"baseline_usd":null}]
            """)
        #expect(json["savings"] == savings)
        #expect(!text.contains("\n"))
    }

    @Test func theColumnsOfCSVAreAtTheEnd() {
        let names = RowCSV.header.split(separator: ",").map(String.init)
        let line = RowCSV.line(Self.row)
        // No field before the marks needs quotes; the marks do.
        #expect(
            line.hasSuffix(
                ",0,,,broken,2,\"system:5m,messages[14].content[1]:5m:bridge\",marked,timestamp,system[1],0.025,"
                    + String(repeating: ",", count: 15) + "-0.00025,,,,,,,"))
        #expect(
            names.suffix(33).filter { !RowCSV.responseCacheColumns.contains($0) } == [
                "attempts", "attempt_kinds", "credential", "prefix", "caller_markers", "marks", "cache_decision", "change_kind",
                "change_path", "change_cost_usd", "saved_prompt_cache_usd", "saved_native_cache_usd",
                "saved_keep_warm_usd", "saved_exact_cache_usd", "saved_semantic_cache_usd",
                "saved_coalesced_usd", "saved_cache_judge_usd", "saved_cache_embedder_usd",
            ])
        #expect(RowCSV.line(Row()).hasSuffix(",0" + String(repeating: ",", count: 32)))
    }
}
