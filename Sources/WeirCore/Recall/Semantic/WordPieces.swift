/// Cuts texts into the word pieces of an uncased BERT vocabulary, as the encoder was taught to read them.
///
/// The text is cleaned (control characters dropped, white space made equal, accents taken off, lower case),
/// split into words at white space, at every punctuation mark and around every Chinese character; each word
/// becomes the longest pieces that fit, from the left. Names of special pieces in the text, such as "[SEP]", are
/// plain text.
package struct WordPieces: Sendable {
    /// Longest word, in scalars, that is cut; a longer one is unknown.
    static let longestWord = 100

    /// What a text was cut into.
    package struct Reading: Sendable, Equatable {
        /// Numbers of the pieces, with those that stand around every text.
        package var ids: [Int32]
        /// How many of them stand for a word that has no pieces.
        package var unknown = 0
        /// The text has more pieces than were asked for; the rest is not in `ids`.
        package var isCut = false
    }

    private let vocabulary: WordPieceVocabulary

    package init(_ vocabulary: WordPieceVocabulary) { self.vocabulary = vocabulary }

    /// Reads a text up to `limit` pieces, the two around it included; a limit below 2 counts as 2.
    package func read(_ text: String, limit: Int = 256) -> Reading {
        var cut = Cut(vocabulary: vocabulary, limit: max(limit, 2))
        cut.read(text)
        return cut.reading
    }

    /// One text on its way through.
    private struct Cut {
        let vocabulary: WordPieceVocabulary
        let limit: Int
        var reading: Reading
        /// The word that is being collected, in UTF-8, and how many scalars it has.
        var word: [UInt8] = []
        var scalars = 0
        /// Hashes of the beginnings of what is left of a word.
        var hashes: [UInt32] = []

        init(vocabulary: WordPieceVocabulary, limit: Int) {
            self.vocabulary = vocabulary
            self.limit = limit
            reading = Reading(ids: [vocabulary.start])
        }

        mutating func read(_ text: String) {
            for scalar in text.unicodeScalars {
                if scalar.value < 0x80 { ascii(UInt8(scalar.value)) } else { other(scalar) }
                if reading.isCut { break }
            }
            finishWord()
            reading.ids.append(vocabulary.end)
        }

        private mutating func ascii(_ byte: UInt8) {
            switch byte {
            case 0x61...0x7A, 0x30...0x39: collect(byte)
            case 0x41...0x5A: collect(byte | 0x20)
            case 0x20, 0x09, 0x0A, 0x0D: finishWord()
            case 0x21...0x7E: alone { $0.collect(byte) }
            default: break
            }
        }

        private mutating func other(_ scalar: Unicode.Scalar) {
            if WordPieces.isDropped(scalar) { return }
            if scalar.properties.isWhitespace { return finishWord() }
            if WordPieces.isChinese(scalar.value) {
                return alone { cut in WordPieceFolds.shared.fold(scalar.value) { cut.collect($0) } }
            }
            if scalar.properties.generalCategory == .nonspacingMark { return }
            WordPieceFolds.shared.fold(scalar.value) { lower($0) }
        }

        private mutating func lower(_ value: UInt32) {
            if value < 0x80 { return ascii(UInt8(value)) }
            guard let scalar = Unicode.Scalar(value) else { return }
            for small in scalar.properties.lowercaseMapping.unicodeScalars {
                if WordPieces.isPunctuation(small) {
                    alone { $0.collect(small.value) }
                } else {
                    collect(small.value)
                }
            }
        }

        private mutating func collect(_ byte: UInt8) {
            word.append(byte)
            scalars += 1
        }

        private mutating func collect(_ value: UInt32) {
            guard let scalar = Unicode.Scalar(value) else { return }
            word.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            scalars += 1
        }

        /// Makes what `collect` adds a word of its own.
        private mutating func alone(_ collect: (inout Cut) -> Void) {
            finishWord()
            collect(&self)
            finishWord()
        }

        private mutating func finishWord() {
            guard !word.isEmpty else { return }
            let before = reading.ids.count
            if reading.isCut || scalars > WordPieces.longestWord || !addPieces() {
                reading.ids.removeSubrange(before...)
                if !reading.isCut {
                    reading.ids.append(vocabulary.unknown)
                    reading.unknown += 1
                }
            }
            if reading.ids.count > limit - 1 {
                reading.ids.removeSubrange((limit - 1)...)
                reading.isCut = true
            }
            word.removeAll(keepingCapacity: true)
            scalars = 0
        }

        /// Adds the longest pieces from the left; false when something of the word fits none.
        private mutating func addPieces() -> Bool {
            var from = 0
            while from < word.count {
                let isRest = from > 0
                var hash = isRest ? WordPieceVocabulary.restSeed : WordPieceVocabulary.wordSeed
                hashes.removeAll(keepingCapacity: true)
                for byte in word[from..<min(word.count, from + vocabulary.longest)] {
                    hash = WordPieceVocabulary.step(hash, byte)
                    hashes.append(hash)
                }
                var to = from + hashes.count
                var found: Int32?
                while to > from, found == nil {
                    found = vocabulary.find(word, from..<to, hash: hashes[to - from - 1], isRest: isRest)
                    if found == nil { to -= 1 }
                }
                guard let found else { return false }
                reading.ids.append(found)
                from = to
            }
            return true
        }
    }
}

extension WordPieces {
    /// Control, format and private characters, and the one that stands for damage, are not read at all.
    static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate: true
        default: scalar.value == 0xFFFD
        }
    }

    static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }

    /// The blocks of ideographs that the reference splits.
    static func isChinese(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
