import Foundation

extension SentenceEncoder {
    static let imageName = "all-MiniLM-L6-v2.weir"

    /// Where to look for the image, first to last: what the configuration says and nothing else, or the folders
    /// of a build and of an installation, seen from the executable.
    static func places(given: String?, executable: String) -> [String] {
        if let given { return [given] }
        let folder = executable.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        // A build lies in .build/<machine>/release, which is also called .build/release.
        return ["../models", "../../models", "../share/weir"].map { "\(folder)/\($0)/\(imageName)" }
    }

    /// The file that this process runs.
    static func executable() -> String {
        #if os(Linux)
            if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
                return path
            }
        #endif
        return Bundle.main.executablePath ?? ""
    }

    /// The first of those places that has a file; `nil` when none has.
    static func find(given: String?) -> String? {
        places(given: given, executable: executable()).first { FileManager.default.fileExists(atPath: $0) }
    }
}
