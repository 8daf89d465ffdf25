/// Words that say the opposite of each other.
enum Antonyms {
    /// True where one list has a word and the other its opposite, and neither has both.
    ///
    /// `one` and `other` are the words that only one question has.
    static func stand(_ one: [String], against other: [String]) -> Bool {
        one.contains { word in
            other.contains {
                opposites[word]?.contains($0) == true || isPrefixed(word, $0) || isPrefixed($0, word)
            }
        }
    }

    /// True for "valid" and "invalid", "mount" and "unmount", "useful" and "useless".
    private static func isPrefixed(_ word: String, _ other: String) -> Bool {
        if word.utf8.count >= 3, other.hasSuffix(word) {
            let prefix = String(other.dropLast(word.count))
            return ["un", "in", "im", "il", "ir", "dis", "non", "de", "mis", "anti", "de-", "non-"].contains(
                prefix)
        }
        return word.hasSuffix("ful") && other == word.dropLast(3) + "less"
    }

    static let opposites: [String: Set<String>] = {
        var table: [String: Set<String>] = [:]
        for pair in pairs.split(whereSeparator: { $0 == "\n" || $0 == "|" }) {
            let sides = pair.split(separator: "/").map { $0.split(separator: " ").map(String.init) }
            guard sides.count == 2 else { continue }
            for left in sides[0] {
                for right in sides[1] {
                    table[left, default: []].insert(right)
                    table[right, default: []].insert(left)
                }
            }
        }
        return table
    }()

    private static let pairs = """
        increase raise rise grow / decrease reduce lower fall drop shrink
        increasing rising growing / decreasing falling
        shrinking dropping / growing rising | high higher highest / low lower lowest
        big bigger biggest large larger largest
        / small smaller smallest | long longer longest / short shorter shortest
        fast faster fastest quick / slow slower slowest
        good better best / bad worse worst | hot hotter warm / cold colder cool
        old older oldest / new newer newest young younger
        open opened / close closed shut | start begin / stop end finish
        enable enabled / disable disabled | on / off
        add / remove delete subtract | create make / delete destroy | install / uninstall remove
        lock / unlock | zip / unzip
        buy purchase / sell | win won / lose lost
        accept approve allow / decline reject deny forbid refuse | hire / fire dismiss
        ascending / descending | import / export | upload / download | send / receive | push / pull
        encrypt / decrypt
        encode / decode | compress / decompress extract | connect / disconnect | attach / detach
        subscribe / unsubscribe
        login / logout | signin / signout | arrive arrival / leave depart departure | enter / exit leave
        birth born / death died die
        love like / hate dislike | true / false | right correct / wrong incorrect left
        safe / dangerous unsafe | legal / illegal
        possible / impossible | cheap cheaper cheapest / expensive | easy easier / hard harder difficult
        strong / weak | light / dark
        heavy | heavier / lighter | full / empty | rich / poor | early earlier / late later | first / last
        minimum / maximum
        horizontal horizontally / vertical vertically | internal / external | public / private
        online / offline | wet / dry
        gain / lose loss | profit / loss | positive / negative
        advantage benefit pro / disadvantage drawback con | cause / cure prevent
        male man men / female woman women | input / output | read / write | client / server
        buyer / seller | landlord / tenant
        lender / borrower | teacher / student | encourage / discourage | expand / collapse shrink
        freeze / thaw melt unfreeze
        load / unload save | mount / unmount | join / leave | show / hide | include / exclude
        merge / split | borrow / lend
        boil / freeze | up / down | north / south | east / west | sunrise / sunset
        overactive / underactive | hyper / hypo
        """
}
