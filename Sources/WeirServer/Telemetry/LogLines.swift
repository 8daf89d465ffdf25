import Logging
import Synchronization
import WeirCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes log lines to standard error, as text or as one JSON object a line.
struct LogLines: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let format: LogOptions.Format
    private let label: String

    private init(label: String, options: LogOptions) {
        self.label = label
        format = options.format
        logLevel =
            switch options.level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
    }

    package static func logger(_ label: String, _ options: LogOptions) -> Logger {
        Logger(label: label) { LogLines(label: $0, options: options) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = merged.sorted { $0.key < $1.key }
        var line: [UInt8] = []
        switch format {
        case .text:
            line += "\(Self.timestamp()) \(event.level.rawValue) \(event.message)".utf8
            for (key, value) in pairs { line += " \(key)=\(value)".utf8 }
        case .json:
            line += "{\"time\":\"\(Self.timestamp())\",\"level\":\"\(event.level.rawValue)\",\"message\":".utf8
            line.appendJSONString(event.message.description)
            for (key, value) in pairs {
                line += ",".utf8
                line.appendJSONString(key)
                line += ":".utf8
                line.appendJSONString(value.description)
            }
            line += "}".utf8
        }
        line.append(10)
        // One write a line, so that lines of several threads do not mix.
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    /// "2026-11-21T03:28:00.123Z".
    private static func timestamp() -> String {
        let micros = Clocks.wallMicros()
        var seconds = time_t(micros / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = String(1000 + micros / 1000 % 1000).dropFirst()
        return
            "\(1900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)Z"
    }
}
