/// One token of a text, and what it looks like.
struct VolatileToken {
    /// What changes by its nature, the most likely first.
    enum Look: Int, Comparable {
        case time, date, dayName, random, number, none

        static func < (a: Look, b: Look) -> Bool { a.rawValue < b.rawValue }

        var kind: PromptChange.Kind? {
            switch self {
            case .time, .date, .dayName: .timestamp
            case .random: .randomToken
            case .number: .counter
            case .none: nil
            }
        }
    }

    let offset: Int
    /// `nil` where a change of it would not be by its nature.
    private(set) var look: Look?
    /// True for the name of a month.
    let isMonth: Bool
    /// True for a number that may be the day or the year beside a month's name.
    let isDayOrYear: Bool

    /// - Parameter previous: The token before it, whose name of a month makes a number a date.
    init(_ text: UnsafeRawBufferPointer, at offset: Int, after previous: VolatileToken?) {
        self.offset = offset
        let name = CalendarName(text)
        isMonth = name == .month
        let shape = TokenShape(text)
        isDayOrYear = shape.letters == 0 && shape.joints == 0 && (shape.digits <= 2 || shape.digits == 4)
        if name == .day {
            look = .dayName
        } else if isDayOrYear, previous?.isMonth == true {
            look = .date
        } else if shape.digits > 0 {
            look = Self.look(of: text, shape)
        }
    }

    private static func look(of text: UnsafeRawBufferPointer, _ shape: TokenShape) -> Look? {
        if isTime(text) || isEpoch(text, shape) { return .time }
        if isDate(text) { return hasClock(text) ? .time : .date }
        if isUUID(text) || isRandom(text, shape) { return .random }
        return isNumbered(text, shape) ? .number : nil
    }

    /// True where a time of day follows the date: 2026-11-21T10:01.
    private static func hasClock(_ text: UnsafeRawBufferPointer) -> Bool { text.contains(0x3A) }

    /// 2026-11-21, 2026/11/21, 2026.11.21 at the start; 21.11.2026, 11/21/26 whole.
    private static func isDate(_ text: UnsafeRawBufferPointer) -> Bool {
        let parts = NumberParts(text)
        guard parts.count >= 3, parts.separators.0 == parts.separators.1,
            [0x2D, 0x2F, 0x2E].contains(parts.separators.0)
        else { return false }
        let (a, b, c) = parts.lengths
        let (x, y, z) = parts.values
        if a == 4, b <= 2, c <= 2 { return isYear(x) && y <= 12 && z <= 31 }
        let hasYear = c == 4 && isYear(z) || c == 2 && parts.separators.0 == 0x2F
        return a <= 2 && b <= 2 && hasYear && x <= 31 && y <= 31
    }

    private static func isYear(_ value: Int) -> Bool { value >= 1970 && value < 2100 }

    /// 9:05, 21:05:33 and what starts like it.
    private static func isTime(_ text: UnsafeRawBufferPointer) -> Bool {
        let parts = NumberParts(text)
        return parts.count >= 2 && parts.separators.0 == 0x3A && parts.lengths.0 <= 2 && parts.lengths.1 == 2
            && parts.values.0 < 24 && parts.values.1 < 60
    }

    /// Seconds since 1970 from 2017 to 2033, also in milli-, micro- and nanoseconds or with a fraction.
    private static func isEpoch(_ text: UnsafeRawBufferPointer, _ shape: TokenShape) -> Bool {
        guard shape.letters == 0, shape.joints <= 1 else { return false }
        let parts = NumberParts(text)
        let length = parts.lengths.0
        guard [10, 13, 16, 19].contains(length),
            parts.count == 1 || length == 10 && parts.separators.0 == 0x2E
        else { return false }
        return text[0] == 0x31 && text[1] >= 0x35
    }

    private static func isUUID(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 36 else { return false }
        for i in 0..<36 {
            let isDash = i == 8 || i == 13 || i == 18 || i == 23
            guard isDash ? text[i] == 0x2D : isHex(text[i]) else { return false }
        }
        return true
    }

    /// Twelve or more letters and digits without a joint, well mixed: an id, a hash, a nonce.
    private static func isRandom(_ text: UnsafeRawBufferPointer, _ shape: TokenShape) -> Bool {
        var (run, digits, letters, turns) = (0, 0, 0, 0)
        var wasDigit = false
        for byte in text {
            guard VolatileText.isTokenByte(byte) else {
                (run, digits, letters, turns) = (0, 0, 0, 0)
                continue
            }
            let isDigit = VolatileText.isDigit(byte)
            if run > 0, isDigit != wasDigit { turns += 1 }
            wasDigit = isDigit
            run += 1
            if isDigit { digits += 1 } else { letters += 1 }
            if run >= 12, digits >= 2, letters >= 2, turns >= 3 { return true }
        }
        return false
    }

    /// 17, 1,204 (by its parts), turn-3, step12.
    private static func isNumbered(_ text: UnsafeRawBufferPointer, _ shape: TokenShape) -> Bool {
        guard shape.digits <= 9, let last = text.last, VolatileText.isDigit(last) else { return false }
        var i = text.count
        while i > 0, VolatileText.isDigit(text[i - 1]) { i -= 1 }
        return text.count - i == shape.digits && shape.joints <= 2
    }

    private static func isHex(_ c: UInt8) -> Bool {
        VolatileText.isDigit(c) || (c | 0x20) &- 0x61 < 6
    }
}

/// How many of its bytes are what.
struct TokenShape {
    private(set) var digits = 0
    private(set) var letters = 0
    private(set) var joints = 0

    init(_ text: UnsafeRawBufferPointer) {
        for byte in text {
            if VolatileText.isDigit(byte) {
                digits += 1
            } else if VolatileText.isLetter(byte) {
                letters += 1
            } else {
                joints += 1
            }
        }
    }
}

/// The first three numbers at the start of a token, with the two bytes between them.
private struct NumberParts {
    private(set) var count = 0
    private(set) var lengths = (0, 0, 0)
    private(set) var values = (0, 0, 0)
    private(set) var separators: (UInt8, UInt8) = (0, 0)

    init(_ text: UnsafeRawBufferPointer) {
        var i = 0
        while count < 3 {
            var (length, value) = (0, 0)
            while i < text.count, VolatileText.isDigit(text[i]) {
                // Only small numbers matter; a longer one is kept small.
                value = min(99_999, value * 10 + Int(text[i] &- 0x30))
                length += 1
                i += 1
            }
            if length == 0 { return }
            let separator = i < text.count ? text[i] : 0
            switch count {
            case 0: (lengths.0, values.0, separators.0) = (length, value, separator)
            case 1: (lengths.1, values.1, separators.1) = (length, value, separator)
            default: (lengths.2, values.2) = (length, value)
            }
            count += 1
            i += 1
        }
    }
}

/// The English name of a month or of a day of the week, short or whole, in any case.
enum CalendarName {
    case month, day

    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count >= 3, text.count <= 9 else { return nil }
        var word: UInt32 = 0
        for i in 0..<3 { word = word << 8 | UInt32(text[i] | 0x20) }
        let names: [StaticString]
        switch word {
        case 0x6A616E, 0x666562, 0x6D6172, 0x617072, 0x6D6179, 0x6A756E, 0x6A756C, 0x617567, 0x736570,
            0x6F6374, 0x6E6F76, 0x646563:
            self = .month
            names = Self.months
        case 0x6D6F6E, 0x747565, 0x776564, 0x746875, 0x667269, 0x736174, 0x73756E:
            self = .day
            names = Self.days
        default: return nil
        }
        // Three letters, or a whole name: "mark" is no month.
        guard text.count == 3 || names.contains(where: { Self.equal($0, text) }) else { return nil }
    }

    private static let months: [StaticString] = [
        "january", "february", "march", "april", "june", "july", "august", "september", "sept", "october",
        "november", "december",
    ]
    private static let days: [StaticString] = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]

    private static func equal(_ name: StaticString, _ text: UnsafeRawBufferPointer) -> Bool {
        guard name.utf8CodeUnitCount == text.count else { return false }
        return name.withUTF8Buffer { name in
            for i in 0..<name.count where name[i] != text[i] | 0x20 { return false }
            return true
        }
    }
}
