/// What a scalar may be part of in a question.
extension Unicode.Scalar {
    var isLineEnd: Bool { value == 10 || value == 13 || value == 0x2028 || value == 0x2029 }

    /// White space, line ends among it, and controls, which nobody sees.
    var isBlank: Bool {
        value <= 32 || value == 127 || value > 127 && (properties.isWhitespace || 0x80...0x9F ~= value)
    }

    var isDigit: Bool { 48...57 ~= value }

    /// A letter, a digit or a mark on one.
    var isWordPart: Bool {
        if isASCII { return isDigit || isASCIILetter }
        return properties.isAlphabetic || properties.numericType != nil || properties.generalCategory.isMark
    }

    var isLetter: Bool {
        isASCII ? isASCIILetter : properties.isAlphabetic || properties.generalCategory.isMark
    }

    var isASCIILetter: Bool { 65...90 ~= value || 97...122 ~= value }

    var isUpper: Bool { isASCII ? 65...90 ~= value : properties.isUppercase }

    var isLower: Bool { isASCII ? 97...122 ~= value : properties.isLowercase }

    var isApostrophe: Bool { value == 0x27 || value == 0x2019 }

    /// A letter of the scripts that English, French or German are written in.
    var isLatin: Bool { value < 0x250 || 0x1E00...0x1EFF ~= value }

    var isBracket: Bool { ASCIISigns.brackets.contains(self) }

    var isOperator: Bool { ASCIISigns.operators.contains(self) }

    var isCurrency: Bool { [0x24, 0xA3, 0xA5, 0x20AC, 0x20B9].contains(value) }

    /// A sign that prose does without.
    var isCodeSign: Bool { ASCIISigns.code.contains(self) }

    /// After it a capital says nothing.
    var endsSentence: Bool { value == 0x2026 || ASCIISigns.sentenceEnds.contains(self) }
}

extension Unicode.GeneralCategory {
    var isMark: Bool { self == .nonspacingMark || self == .spacingMark || self == .enclosingMark }
}

extension String {
    /// Lower case, with straight apostrophes.
    var foldedWord: String {
        if utf8.allSatisfy({ $0 < 128 }) {
            return String(decoding: utf8.map { 65...90 ~= $0 ? $0 | 32 : $0 }, as: UTF8.self)
        }
        var folded = ""
        for scalar in unicodeScalars {
            folded += scalar.isApostrophe ? "'" : scalar.properties.lowercaseMapping
        }
        return folded
    }
}
