// swift-tools-version: 6.2

import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")

// The drivers' own sources, by links, without the rest of the shop.
let package = Package(
    name: "drivers",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq"),
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq"),
        .systemLibrary(name: "CRedis", pkgConfig: "hiredis"),
        .target(name: "Postgres", dependencies: ["CPostgres", logging, metrics], swiftSettings: swiftSettings),
        .target(name: "RabbitMQ", dependencies: ["CRabbitMQ", logging, metrics], swiftSettings: swiftSettings),
        .target(name: "Redis", dependencies: ["CRedis", logging, metrics], swiftSettings: swiftSettings),
        .executableTarget(
            name: "drivers", dependencies: ["Postgres", "RabbitMQ", "Redis", logging], swiftSettings: swiftSettings),
    ])
