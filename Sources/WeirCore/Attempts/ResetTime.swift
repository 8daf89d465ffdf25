/// Points in time as providers write them in fields of their replies.
///
/// All results are microseconds since 1970.
enum ResetTime {
    /// Longest wait that is believed, in microseconds: a year.
    static let longest: Int64 = 366 * 86_400_000_000

    /// Reads an RFC 3339 time, a duration ("6m0s", "1.5s", "20ms"), seconds, or seconds or milliseconds since
    /// 1970; `nil` for anything else.
    static func read(_ value: ArraySlice<UInt8>, now: Int64) -> Int64? {
        if value.count >= 19, value.contains(UInt8(ascii: "T")) {
            return Timestamp.parse(String(decoding: value, as: UTF8.self), now: now).map { bounded($0, now) }
        }
        guard let (number, end) = decimal(value) else { return nil }
        if end < value.endIndex { return duration(value).map { bounded(now.addingSaturating($0), now) } }
        // `number` is in millionths of whatever the unit is.
        switch number / 1_000_000 {
        case 100_000_000_000...: return bounded(number / 1_000, now)
        case 1_000_000_000...: return bounded(number, now)
        default: return bounded(now.addingSaturating(number), now)
        }
    }

    /// Microseconds to wait by `retry-after`: seconds, whole or not, or an HTTP date; else `nil`.
    static func retryAfter(_ value: ArraySlice<UInt8>, now: Int64) -> Int64? {
        if let (number, end) = decimal(value) { return end == value.endIndex ? min(number, longest) : nil }
        return httpDate(value, now: now).map { bounded($0, now) - now }
    }

    /// Microseconds to wait by `retry-after-ms`.
    static func retryAfterMilliseconds(_ value: ArraySlice<UInt8>) -> Int64? {
        guard let (number, end) = decimal(value), end == value.endIndex else { return nil }
        return min(number / 1_000, longest)
    }

    /// Microseconds of "1h2m3.5s", "20ms", "1d"; `nil` for anything else.
    static func duration(_ value: ArraySlice<UInt8>) -> Int64? {
        var rest = value
        var sum: Int64 = 0
        while !rest.isEmpty {
            guard let (number, end) = decimal(rest) else { return nil }
            let letters = rest[end...].prefix { !($0 >= 48 && $0 <= 57) }
            let unit: Int64
            switch String(decoding: letters, as: UTF8.self) {
            case "d": unit = 86_400_000_000
            case "h": unit = 3_600_000_000
            case "m": unit = 60_000_000
            case "s": unit = 1_000_000
            case "ms": unit = 1_000
            case "us", "µs": unit = 1
            case "ns": unit = 0
            default: return nil
            }
            let whole = (number / 1_000_000).multipliedSaturating(by: unit)
            let part = number % 1_000_000 * unit / 1_000_000
            sum = sum.addingSaturating(whole).addingSaturating(part)
            rest = rest[letters.endIndex...]
        }
        return sum
    }

    /// Not before now and at most a year on.
    private static func bounded(_ time: Int64, _ now: Int64) -> Int64 {
        min(max(time, now), now.addingSaturating(longest))
    }

    /// A decimal number in millionths, and where it ends; further digits of its fraction are dropped.
    private static func decimal(_ value: ArraySlice<UInt8>) -> (millionths: Int64, end: Int)? {
        var whole: Int64 = 0
        var at = value.startIndex
        while at < value.endIndex, let digit = digit(value[at]) {
            guard at - value.startIndex < 13 else { return nil }
            whole = whole * 10 + digit
            at += 1
        }
        if at == value.startIndex { return nil }
        var millionths = whole.multipliedSaturating(by: 1_000_000)
        guard at < value.endIndex, value[at] == UInt8(ascii: ".") else { return (millionths, at) }
        at += 1
        var unit: Int64 = 100_000
        while at < value.endIndex, let digit = digit(value[at]) {
            millionths = millionths.addingSaturating(digit * unit)
            unit /= 10
            at += 1
        }
        return (millionths, at)
    }

    private static func digit(_ byte: UInt8) -> Int64? { byte >= 48 && byte <= 57 ? Int64(byte - 48) : nil }

    /// "Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110 section 5.6.7; the two obsolete forms are not read.
    private static func httpDate(_ value: ArraySlice<UInt8>, now: Int64) -> Int64? {
        let words = value.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: words[2])
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp.parse("\(words[3])-\(number)-\(words[1])T\(words[4])Z", now: now)
    }
}
