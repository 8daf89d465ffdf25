import Foundation
import WeirCore

/// `Usage.parts` as the JSON array in the column `usage_parts`; NULL where there are none.
enum UsageParts {
    private struct Entry: Codable {
        var model: String?
        var input = 0
        var cacheRead = 0
        var cacheWriteShort = 0
        var cacheWriteLong = 0
        var output = 0

        enum CodingKeys: String, CodingKey {
            case model, input, output
            case cacheRead = "cache_read"
            case cacheWriteShort = "cache_write_short"
            case cacheWriteLong = "cache_write_long"
        }
    }

    static func json(_ parts: [Usage.Part]) -> String? {
        if parts.isEmpty { return nil }
        let entries = parts.map { part in
            Entry(
                model: part.model, input: part.input, cacheRead: part.cacheRead,
                cacheWriteShort: part.cacheWriteShort, cacheWriteLong: part.cacheWriteLong,
                output: part.output)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(entries)).map { String(decoding: $0, as: UTF8.self) }
    }

    static func parts(_ json: String?) -> [Usage.Part] {
        guard let json, let entries = try? JSONDecoder().decode([Entry].self, from: Data(json.utf8)) else {
            return []
        }
        return entries.map { entry in
            var part = Usage.Part()
            part.model = entry.model
            part.input = entry.input
            part.cacheRead = entry.cacheRead
            part.cacheWriteShort = entry.cacheWriteShort
            part.cacheWriteLong = entry.cacheWriteLong
            part.output = entry.output
            return part
        }
    }
}
