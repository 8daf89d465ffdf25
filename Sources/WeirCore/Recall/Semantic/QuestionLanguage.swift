/// Tells English from what the encoder does not know.
///
/// The encoder sees one unknown piece in all of Thai, and two different questions as one.
enum QuestionLanguage {
    /// `.notEnglish` for letters of another script, or where the function words are another language's.
    static func obstacle(_ text: String, _ tokens: [QuestionToken]) -> QuestionObstacle? {
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar.isLetter && !scalar.isLatin ? run + 1 : 0
            // One alone may be a π or a Ω in an English question, if it is Greek.
            if run >= 2 || run == 1 && !(0x370...0x3FF ~= scalar.value) { return .notEnglish }
        }
        var (words, foreign, accented, english) = (0, 0, 0, 0)
        for token in tokens where token.kind == .word {
            words += 1
            if foreignWords.contains(token.folded) { foreign += 1 }
            if token.folded.utf8.contains(where: { $0 >= 128 }) { accented += token.isCapitalised ? 0 : 1 }
            if FunctionWord.table[token.folded] != nil, !foreignWords.contains(token.folded) { english += 1 }
            if FunctionWord.articles.contains(token.folded) { english += 1 }
        }
        let other = foreign + accented
        if english == 0, foreign >= 1 || accented * 3 >= max(words, 2) { return .notEnglish }
        return other >= 2 && other >= english ? .notEnglish : nil
    }

    /// Function words of other languages that are no English words, or rare ones.
    private static let foreignWords: Set<String> = {
        let words = """
            der das und ist nicht wie ich ein eine einen einem einer mein meine meinen den dem des von zu
            mit für auf wir sie
            kann wo wann warum welche welcher sind wird werden im ist bei nach oder aber auch
            el la los las una que qué cómo como por para con del está es son mi mis cuál dónde cuándo
            puedo quién
            le les un une est pour dans sur avec je mon ma mes où quand pourquoi quel quelle comment sont
            du au aux ce cette
            il lo gli di che per sono mio mia dove quando perché quale posso della dei nel
            o os uma não meu minha onde quais qual posso do da dos
            het een van niet hoe mijn waar wanneer kan ik zijn met voor
            det er ikke hvordan hvad hvor og jeg mit min en et til af på som kan hvorfor hvornår jak nie
            jest czy się
            hur är och jag inte vad att ett från bir ve için nasıl ne
            """
        let english: Set<String> = [
            "do", "o", "as", "per", "min", "met", "son", "mit", "quad", "ad", "et", "al", "me",
        ]
        return Set(words.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)).subtracting(
            english)
    }()
}
