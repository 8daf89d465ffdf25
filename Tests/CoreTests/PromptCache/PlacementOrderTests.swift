import Testing

@testable import WeirCore

@Suite struct PlacementOrderTests {
    /// Six blocks; `markers` are the caller's: "2:1h", "3:5m", "3n:5m" (nested).
    private func make(_ markers: [String]) throws -> PromptLayout {
        let blocks = Array(repeating: #"{"type":"text","text":"a"}"#, count: 6).joined(separator: ",")
        var prompt = try #require(try layout(#"{"messages":[{"role":"user","content":[\#(blocks)]}]}"#))
        prompt.markers = markers.compactMap { marker in
            guard let block = marker.first?.wholeNumberValue else { return nil }
            return CallerMarker(
                block: block, ttl: marker.hasSuffix("1h") ? .long : .short, isNested: marker.contains("n"))
        }
        return prompt
    }

    private func marks(_ words: [String]) -> [CacheMark] {
        words.compactMap { word in
            guard let block = word.first?.wholeNumberValue else { return nil }
            return CacheMark(block: block, ttl: word.hasSuffix("1h") ? .long : .short, purpose: .system)
        }
    }

    @Test(
        arguments: [
            ([], [], true), ([], ["1:5m", "3:5m"], true), ([], ["3:5m", "1:1h"], true),
            ([], ["1:5m", "3:1h"], false),
            (["2:1h"], ["1:5m"], false), (["2:1h"], ["1:1h", "3:5m"], true), (["2:5m"], ["3:1h"], false),
            (["2:5m"], ["1:1h"], true), (["3n:5m"], ["3:1h"], false), (["3n:1h"], ["3:5m"], true),
            (["3n:1h"], ["2:5m"], false), (["1:5m", "2:1h"], [], false),
        ] as [([String], [String], Bool)])
    func longerLifetimesComeFirst(_ markers: [String], _ ours: [String], _ expected: Bool) throws {
        #expect(MarkerPlacement.respectsOrder(try make(markers), marks(ours)) == expected)
    }

    @Test(
        arguments: [
            ([], ["1:5m", "3:1h"], ["1:1h", "3:1h"]), ([], ["3:5m", "1:1h"], ["1:1h", "3:5m"]),
            (["2:1h"], ["1:5m", "3:5m"], ["1:1h", "3:5m"]), (["2:5m"], ["1:5m", "3:1h"], ["1:5m", "3:5m"]),
            (["2:1h", "4:5m"], ["1:5m", "3:1h", "5:1h"], ["1:1h", "3:1h", "5:5m"]),
            (["1:5m", "4:1h"], ["0:5m", "2:5m", "5:1h"], ["0:1h", "5:5m"]), (["3n:5m"], ["3:1h"], ["3:5m"]),
        ] as [([String], [String], [String])])
    func marksAreMadeToFitAndTheCallersStay(_ markers: [String], _ ours: [String], _ expected: [String])
        throws
    {
        let ordered = MarkerPlacement.ordered(try make(markers), marks(ours))
        #expect(ordered == marks(expected))
    }

    /// Whatever callers send in a valid order stays valid with marks of any lifetime, once these are ordered.
    @Test(arguments: 0..<20)
    func orderedMarksRespectTheOrder(_ seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        for _ in 0..<100 {
            let change = random.next(below: 7)
            var markers: [String] = []
            var ours: [String] = []
            for block in 0..<6 {
                let ttl = block < change ? "1h" : "5m"
                switch random.next(below: 4) {
                case 0: markers.append("\(block):\(ttl)")
                case 1: markers.append("\(block)n:\(ttl)")
                default: ours.append("\(block):" + ["1h", "5m"][random.next(below: 2)])
                }
            }
            let prompt = try make(markers)
            let ordered = MarkerPlacement.ordered(prompt, marks(ours))
            #expect(MarkerPlacement.respectsOrder(prompt, ordered) && ordered.count == ours.count)
        }
    }
}
