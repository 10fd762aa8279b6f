// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")

let package = Package(
    name: "panelhost",
    products: [
        .library(name: "Host", targets: ["Host"]),
        .library(name: "PluginAPI", targets: ["PluginAPI"]),
        .library(name: "Security", targets: ["Security"]),
        .executable(name: "panelhost", targets: ["panelhost"]),
        .executable(name: "SandboxCell", targets: ["SandboxCell"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // C libraries of the system, each imported by exactly one target.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CZxcvbn", providers: [.apt(["libzxcvbn-dev"])]),
        .systemLibrary(name: "CUTF8proc", pkgConfig: "libutf8proc", providers: [.apt(["libutf8proc-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),

        // The rooms, bottom up. Nothing points up.
        .target(name: "Values", swiftSettings: strict),
        .target(name: "Security", dependencies: ["Values", "COpenSSL", "CArgon2", "CZxcvbn", "CUTF8proc"], swiftSettings: strict),
        .target(name: "PluginAPI", dependencies: ["Values", "Security"], swiftSettings: strict),
        .target(name: "CLinux"),
        .target(name: "Sandbox", dependencies: ["Values", "PluginAPI", "CLinux", logging, lifecycle], swiftSettings: strict),
        .executableTarget(
            name: "SandboxCell", dependencies: ["CLua"],
            // Optimised in every configuration: it runs plugins under a CPU limit, and its stack protector needs no debug build.
            cSettings: [
                .define("_GNU_SOURCE"), .define("_FORTIFY_SOURCE", to: "2"),
                .unsafeFlags(["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-fstack-protector-strong"]),
            ],
            // Without the Swift runtime; see the linker's option in main.c.
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-no-toolchain-stdlib-rpath", "-Xlinker", "-z", "-Xlinker", "now"])]),
        .target(name: "Storage", dependencies: ["Values", "Security", "CPostgres", grdb], swiftSettings: strict),
        .target(
            name: "Host",
            dependencies: [
                "Values", "Security", "PluginAPI", "Sandbox", "Storage", "CQREncode", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioTLS,
                logging, lifecycle,
            ],
            swiftSettings: strict),
        .target(
            name: "HTTPServer",
            dependencies: [
                "Values", "Security", "PluginAPI", "Storage", "Host", hummingbird, hummingbirdCore, httpTypes, lifecycle, nioCore, nioHTTP1,
                nioTLS, logging,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "panelhost",
            dependencies: [
                "HTTPServer", "Host", "Storage", "Sandbox", "PluginAPI", "Security", "Values", hummingbird, asyncHTTPClient, argumentParser,
                logging, lifecycle, signals, nioCore, nioHTTP1,
            ],
            swiftSettings: strict),

        // Measures, does not test; no product of the package needs them.
        .target(name: "LuaBaseline", dependencies: ["CLua"], path: "Benchmarks/LuaBaseline", cSettings: [.unsafeFlags(["-O2"])]),
        .executableTarget(
            name: "SandboxBenchmark", dependencies: ["Sandbox", "Values", "LuaBaseline", logging], path: "Benchmarks/SandboxBenchmark",
            swiftSettings: strict),
        .executableTarget(
            name: "AuditBenchmark", dependencies: ["Security", "Values"], path: "Benchmarks/AuditBenchmark", swiftSettings: strict),
        .executableTarget(
            name: "AuthorizationBenchmark", dependencies: ["Security", "Values"], path: "Benchmarks/AuthorizationBenchmark",
            exclude: ["casbin.py"], swiftSettings: strict),
        .executableTarget(
            name: "CryptoBenchmark", dependencies: ["Security", "Values"], path: "Benchmarks/CryptoBenchmark", swiftSettings: strict),
        .executableTarget(
            name: "TokenBenchmark", dependencies: ["Security", "Values"], path: "Benchmarks/TokenBenchmark", exclude: ["compare"],
            swiftSettings: strict),
        .executableTarget(
            name: "EdgeBenchmark",
            dependencies: ["HTTPServer", "Host", "Storage", "Sandbox", "PluginAPI", "Security", "Values", httpTypes, lifecycle, logging],
            path: "Benchmarks/EdgeBenchmark", swiftSettings: strict),
        .executableTarget(
            name: "StorageBenchmark", dependencies: ["Storage", "Security", "Values"], path: "Benchmarks/StorageBenchmark",
            swiftSettings: strict),

        .testTarget(name: "ValuesTests", dependencies: ["Values"], swiftSettings: strict),
        .testTarget(name: "SecurityTests", dependencies: ["Security", "Values"], swiftSettings: strict),
        .testTarget(name: "PluginAPITests", dependencies: ["PluginAPI", "Security", "Values"], swiftSettings: strict),
        // What a cell becomes that somebody has taken over; only tests start it.
        .executableTarget(name: "UnrulyCell", path: "Tests/UnrulyCell"),
        .testTarget(
            name: "SandboxTests", dependencies: ["Sandbox", "PluginAPI", "Values"], exclude: ["Conformance", "Escapes"],
            swiftSettings: strict),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "Security", "Values", grdb], swiftSettings: strict),
        .testTarget(
            name: "HostTests",
            dependencies: ["Host", "Storage", "Sandbox", "PluginAPI", "Security", "Values", nioCore, nioPosix, nioHTTP1, nioTLS, logging],
            swiftSettings: strict),
        .testTarget(name: "PluginTests", dependencies: ["PluginAPI", "Sandbox", "Security", "Values", logging], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "HTTPServer", "PluginAPI", "Security", "Storage", "Values", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, httpTypes,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: [
                "HTTPServer", "Host", "Storage", "Sandbox", "PluginAPI", "Security", "Values", asyncHTTPClient, httpTypes, logging,
                lifecycle, nioCore,
                nioHTTP1, nioTLS,
            ],
            swiftSettings: strict),
    ]
)
