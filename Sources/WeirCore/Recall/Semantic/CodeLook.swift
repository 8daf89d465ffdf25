/// Tells code from prose by its signs.
enum CodeLook {
    /// True for a fenced block, for lines that end like code, and where signs are a large share.
    static func isCode(_ text: String, hasFence: Bool) -> Bool {
        if hasFence { return true }
        var (signs, letters, codeLines) = (0, 0, 0)
        var last: Unicode.Scalar = " "
        var inSpan = false
        for scalar in text.unicodeScalars {
            if scalar.isLineEnd, last == ";" || last == "{" || last == "}" { codeLines += 1 }
            if scalar == "`" { inSpan.toggle() }
            // A code span is compared byte for byte; it makes no code of the rest.
            if !inSpan, scalar.isCodeSign, scalar != ":", scalar != "$" { signs += 1 }
            if scalar.isLetter { letters += 1 }
            if !scalar.isBlank || scalar.isLineEnd { last = scalar }
        }
        return codeLines >= 2 || signs >= 8 && signs * 8 >= letters
    }
}
