// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// The exclusivity of stored properties is checked at run time in every debug build, which is what the tests run;
// a release does without (3 % of a request's CPU). Overflow and bounds checks stay.
let unchecked: [SwiftSetting] = strict + [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

let package = Package(
    name: "weir",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "weir", targets: ["weir"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Data compiled into the binary, so that one file is the whole installation.
        .target(name: "CWeirData", exclude: ["catalogue.json"], cSettings: [.unsafeFlags(["-std=c2x"])]),
        // The one loop where vectors pay: skipping text inside JSON strings.
        .target(name: "CWeirScan"),
        // Answers in the cache's file are zstd frames.
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        // Vectors of questions, and the nearest of them.
        .target(name: "CWeirEmbed"),
        // Decisions: values in, values out; no socket, no clock, no lock, no await.
        .target(
            name: "WeirCore",
            dependencies: ["CWeirData", "CWeirScan", .product(name: "Yams", package: "Yams")],
            swiftSettings: unchecked),
        // Effects: sockets, disk, clock, locks.
        .target(
            name: "WeirServer",
            dependencies: [
                "CWeirEmbed", "CZstd", "WeirCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: unchecked),
        // The provider double: demo, test double and chaos tool.
        .target(
            name: "WeirSimulator",
            dependencies: [
                "WeirCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "weir",
            dependencies: [
                "WeirCore", "WeirServer", "WeirSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CoreTests", dependencies: ["CWeirEmbed", "WeirCore"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "CWeirEmbed", "WeirCore", "WeirServer", "WeirSimulator",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
    ]
)
