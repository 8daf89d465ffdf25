import Testing

/// Rules of the house that a compiler does not check; ARCHITECTURE.md has the reasons.
@Suite struct ArchitectureTests {
    /// Vendor library to the places that may import it: folders end in "/".
    static let rooms: [String: [String]] = [
        "ArgumentParser": ["weir/"],
        "CWeirData": ["WeirCore/Money/"],
        "CWeirEmbed": ["WeirServer/Embedding/"],
        "CWeirScan": ["WeirCore/Wire/JSON/", "WeirCore/Wire/HTTP/"],
        "CZstd": ["WeirServer/Stores/"],
        "Crypto": ["WeirServer/Stores/"],
        "GRDB": ["WeirServer/Stores/"],
        "GRDBSQLite": ["WeirServer/Stores/"],
        "Logging": ["WeirServer/"],
        "NIOCore": network + ["WeirServer/Weir.swift", "WeirSimulator/"],
        "NIOHTTP1": network.filter { $0 != "WeirServer/Upstream/" } + ["WeirSimulator/"],
        "NIOHTTP2": ["WeirServer/Front/"],
        "NIOPosix": network + [
            "WeirServer/Weir.swift", "WeirServer/Embedding/", "WeirSimulator/", "weir/Launch.swift",
        ],
        "NIOSSL": [
            "WeirServer/Front/", "WeirServer/Upstream/", "WeirServer/Doctor/", "WeirServer/Weir.swift",
            "WeirServer/Journey/Snapshot.swift",
        ],
        "NIOTLS": ["WeirServer/Front/", "WeirServer/Upstream/"],
        "ServiceLifecycle": ["WeirServer/Weir.swift", "WeirServer/Reloader.swift"],
        "UnixSignals": ["WeirServer/Weir.swift", "WeirServer/Reloader.swift"],
        "Yams": ["WeirCore/Config/"],
    ]

    private static let network = [
        "WeirServer/Front/", "WeirServer/Upstream/", "WeirServer/Journey/", "WeirServer/Admin/",
        "WeirServer/Doctor/",
    ]

    /// What comes with the system and the toolchain.
    static let platform: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization",
    ]

    /// Own modules, and which of them each may import.
    static let own: [String: Set<String>] = [
        "WeirCore": [], "WeirServer": ["WeirCore"], "WeirSimulator": ["WeirCore"],
        "weir": ["WeirCore", "WeirServer", "WeirSimulator"],
    ]

    /// Tasks outside a structured scope, each with what ends it.
    static let looseTasks: [String: String] = [
        "WeirServer/Journey/Exchange.swift": "one for each request, on its event loop; ends when its row is settled",
        "WeirServer/Journey/Exchange+Race.swift": "one for each hedge, until it has a connection; its attempt ends it",
        "WeirServer/Upstream/ActiveProbe.swift": "one for each probe, until it has a connection; its record ends it",
        "WeirServer/Journey/OwnCall.swift": "one for each call, until it has a connection; its row ends it",
        "WeirServer/Reloader.swift": "ends with its stream, which ends with the service",
    ]

    static func misplacedImports(_ file: SourceFile) -> [String] {
        let module = String(file.path.prefix { $0 != "/" })
        return file.imports.filter { name in
            if platform.contains(name) { return false }
            if own[name] != nil { return own[module]?.contains(name) != true }
            return rooms[name]?.contains { $0.hasSuffix("/") ? file.path.hasPrefix($0) : file.path == $0 } != true
        }
    }

    @Test func everyVendorLibraryStaysInItsRoom() throws {
        let files = try SourceTree.sources()
        #expect(files.count > 100)
        for file in files {
            let misplaced = Self.misplacedImports(file)
            #expect(misplaced.isEmpty, "\(file.path) imports \(misplaced.joined(separator: ", "))")
        }
    }

    @Test func everyRoomIsInUse() throws {
        let files = try SourceTree.sources()
        for (library, places) in Self.rooms {
            for place in places {
                let isUsed = files.contains { $0.path.hasPrefix(place) && $0.imports.contains(library) }
                #expect(isUsed, "nothing in \(place) imports \(library) any more")
            }
        }
    }

    /// WeirCore decides; it does not wait, lock, or ask for the time.
    @Test func decisionsHaveNoClockNoLockAndNoWaiting() throws {
        let effects =
            #/\bawait\b|\basync\b|\bMutex\b|ContinuousClock|SuspendingClock|\bclock_gettime\b|\bDate\(\)/#
        for file in try SourceTree.sources() where file.path.hasPrefix("WeirCore/") {
            #expect(file.linesMatching(effects).isEmpty, "\(file.path): an effect in WeirCore")
            #expect(!file.imports.contains("Synchronization"), "\(file.path) imports Synchronization")
            #expect(!file.imports.contains("Foundation"), "\(file.path) imports Foundation")
        }
    }

    @Test func noFileIsOver500Lines() throws {
        for file in try SourceTree.sources() {
            #expect(file.lines.count <= 501, "\(file.path) has \(file.lines.count - 1) lines")
        }
    }

    @Test func nothingEndsTheProcessOnSomeInput() throws {
        let endings = #/\btry!|\bas!|\bfatalError\(|\bpreconditionFailure\(/#
        for file in try SourceTree.sources() {
            let lines = file.linesMatching(endings)
            #expect(lines.isEmpty, "\(file.path), lines \(lines)")
        }
    }

    @Test func uncheckedConcurrencyIsExplainedOnTheLineAbove() throws {
        for file in try SourceTree.sources() {
            for number in file.linesMatching(#/@unchecked Sendable|nonisolated\(unsafe\)/#) {
                let above = number >= 2 ? file.lines[number - 2].drop { $0 == " " } : ""
                #expect(above.hasPrefix("//"), "\(file.path):\(number) has no proof above it")
            }
        }
    }

    @Test func tasksAreNotLeftToThemselves() throws {
        let start = #/\bTask(\.detached|\.immediate)?\s*(\{|\()/#
        let found = try SourceTree.sources().filter { !$0.linesMatching(start).isEmpty }.map(\.path)
        #expect(Set(found) == Set(Self.looseTasks.keys))
    }

    // MARK: The rules themselves

    @Test func aMisplacedImportIsFound() {
        let file = SourceFile(
            path: "WeirCore/Money/Money.swift", text: "package import GRDB\nimport struct NIOCore.X\n")
        #expect(Self.misplacedImports(file) == ["GRDB", "NIOCore"])
        let other = SourceFile(
            path: "WeirServer/Stores/A.swift", text: "import GRDB\nimport WeirCore\nimport weir\n")
        #expect(Self.misplacedImports(other) == ["weir"])
        let unknown = SourceFile(path: "weir/A.swift", text: "@testable import Hummingbird\n")
        #expect(Self.misplacedImports(unknown) == ["Hummingbird"])
    }

    @Test func commentsAndTextAreNotCode() {
        let text = #"""
            // try! in a comment
            let a = "try! \" as!" // and here
            let b = try! c
            let d = """
                try! as text
                """
            let e = f as! G
            """#
        #expect(SourceFile(path: "", text: text).linesMatching(#/\btry!|\bas!/#) == [3, 7])
    }
}
