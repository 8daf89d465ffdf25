/// Tells a typing error from another word, without a dictionary.
///
/// Only two slips are excused, in long enough words: two neighbouring letters swapped, and a letter
/// doubled or not. A letter changed, added or left out makes real words too often (sulfate and sulfite,
/// contact and contract, morality and mortality) to be excused by rule; `WordForms` knows some such errors
/// by name.
enum TypingError {
    /// Fewest letters of a word in which a slip is excused, and of a name.
    static let fewestLetters = 5, fewestForName = 8, fewestForDoubledName = 12

    /// True where one of two different words is likely the other, mistyped.
    static func excuses(_ one: ContentPiece, _ other: ContentPiece) -> Bool {
        let (a, b) = (Array(one.text.utf8), Array(other.text.utf8))
        let isName = one.isName || other.isName
        guard min(a.count, b.count) >= (isName ? fewestForName : fewestLetters), a.first == b.first else {
            return false
        }
        guard a.allSatisfy({ 97...122 ~= $0 }), b.allSatisfy({ 97...122 ~= $0 }) else { return false }
        if realWords.contains(one.text) || realWords.contains(other.text) { return false }
        if a.count == b.count { return isSwapped(a, b) }
        if isName, max(a.count, b.count) < fewestForDoubledName { return false }
        return a.count + 1 == b.count ? isDoubled(a, b) : b.count + 1 == a.count && isDoubled(b, a)
    }

    private static func isSwapped(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        let different = a.indices.filter { a[$0] != b[$0] }
        guard different.count == 2, let i = different.first, let j = different.last, j == i + 1 else {
            return false
        }
        return a[i] == b[j] && a[j] == b[i]
    }

    /// True where `long` is `short` with one letter twice.
    private static func isDoubled(_ short: [UInt8], _ long: [UInt8]) -> Bool {
        var index = 0
        while index < short.count, short[index] == long[index] { index += 1 }
        return index > 0 && long[index] == long[index - 1]
            && short[index...].elementsEqual(long[(index + 1)...])
    }

    /// Words that such a slip makes out of other words.
    private static let realWords: Set<String> = {
        let words = """
            angel angle trail trial diary dairy casual causal martial marital united untied silver sliver
            sacred scared
            complaint compliant barley barely quiet quite filed field tired tried bread beard brake break
            crate carte
            carve crave covert cover perfect prefect parity parody realty reality expert exert unclear
            nuclear board broad
            claim calm coast costa count court dealt delta fired fried genera genre grade garde lair liar
            minster
            mister neutral parol parlor parole petal plate pleat palate palette pedal pedals petals pairs
            paris piers pries preist
            scaler scalar solider soldier signed singed singing signing spilt split stared started steal
            slate stale tales
            staid stadia stake steak thorn throne tines tinse torso toros waits waist weird wired weirder
            wider being begin
            begins binge desert dessert deserts desserts later latter hoping hopping planing planning
            staring starring dining
            dinning coral corral super supper bating batting rating ratting filing filling filings
            fillings moping mopping taping
            tapping griped gripped striped stripped scaring scarring caned canned diner dinner diners
            dinners canon cannon career
            carer baring barring barred bared pining pinning pined pinned robed robbed bellow below wining
            winning tiling tilling
            holy holly fury furry comma coma vacuum tinny tiny rapping raping ripped riped mated matted
            rated ratted planed
            planned hoped hopped moped mopped taped tapped filed filled baled balled bases basses asses
            assess biting bitting
            cuter cutter writer writter ladder lader latex latte loser looser losing loosing chose choose
            chosen lose loose caress
            caries carries pole poll polled poled tented tenet tenets tennis reseed reset resets resent
            present presents resented
            poster potter posed possess princes princess princesses prose posse misses mises needles
            needless careless
            carless wheeled welded succor soccer stoped slopping sloping stoping stopping pilling piling
            controled medal
            metal rootes routes roots bonny bony botch both warring waring tolled toled starred stared
            sparing sparring
            sever severs serve serves verse verses nerve never clam clams claims salve slave slaves salves
            lapse leaps
            aids arise raise altar alter collage college cavalry calvary conserve converse lightning
            lighting perserve
            prostate prostrate reverse reserve sauce cause cuase spear spare psalm plasm aminal sharp
            harps shrap
            """
        return Set(words.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
    }()
}
