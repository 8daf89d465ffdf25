import FoundationEssentials

/// Wall-clock time as the wire wants it.
enum Clock {
    /// Seconds since 1970, with fractions.
    static func now() -> Double { Date().timeIntervalSince1970 }

    /// RFC 3339 in UTC, to the second.
    static func rfc3339(_ seconds: Double) -> String {
        let total = Int(seconds.rounded(.down))
        let day = Int((Double(total) / 86_400).rounded(.down))
        let rest = total - day * 86_400
        let (year, month, date) = civil(day)
        return
            "\(pad(year, 4))-\(pad(month))-\(pad(date))"
            + "T\(pad(rest / 3_600)):\(pad(rest / 60 % 60)):\(pad(rest % 60))Z"
    }

    /// Go-style duration as OpenAI writes it: `6m0s`, `1s`, `20ms`.
    static func span(_ seconds: Double) -> String {
        if seconds < 1 { return "\(Int((seconds * 1_000).rounded(.up)))ms" }
        let whole = Int(seconds.rounded(.up))
        return whole < 60 ? "\(whole)s" : "\(whole / 60)m\(whole % 60)s"
    }

    /// Year, month and day of a day number since 1970 (Hinnant's `civil_from_days`).
    private static func civil(_ days: Int) -> (Int, Int, Int) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let doe = z - era * 146_097
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
        let mp = (5 * doy + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        return (yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1)
    }

    private static func pad(_ value: Int, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
