// swift-tools-version: 6.2

import PackageDescription

/// Settings of every target; warnings are errors.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let grpcCore: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let serviceContext: Target.Dependency = .product(name: "ServiceContextModule", package: "swift-service-context")
let http2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let hpack: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")

// How the release program is linked: it exports nothing. Names that nobody looks up would be a tenth of it, and keep
// code that nobody calls. By gold, Swift's default: GNU ld and lld could also pack the addresses that the loader
// adjusts, 3.5 MB, but GNU ld leaves those writable afterwards (no GNU_RELRO), and lld finds symbols of
// FoundationEssentials in the whole of Foundation first, which brings 40 MB of ICU.
let releaseLinking: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux], configuration: .release))
]

func module(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// Tests of a service, which run it with all others.
func shopTests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    tests(
        name,
        dependencies + [
            "ShopHarness", "ShopContracts", "Sagas", "Events", "Hosting", "Postgres", "ShopProtos", "TestSupport",
            protobuf, logging, grpcCore,
        ])
}

let package = Package(
    name: "shopctl",
    products: [
        .executable(name: "shopctl", targets: ["shopctl"]),
        .library(
            name: "ShopCore",
            targets: [
                "Postgres", "RabbitMQ", "Redis", "ShopProtos", "Telemetry", "Passwords", "WebSockets",
                "Events", "Hosting", "Sagas", "Throttling", "ShopContracts",
                "Products", "Orders", "Customers", "Reviews", "Accounts",
                "Gateway", "DevStack", "Migrator",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Without its JSON reader, the one user of the whole of Foundation, which brings 40 MB of ICU.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-service-context", from: "1.5.1"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Layer 0: the C libraries.
        // libpq is loaded when it is first called: libpq.c has its functions.
        .target(name: "CPostgres", publicHeadersPath: "."),
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CRedis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLinux"),

        // Layer 1: what the drivers have in common.
        module("DriverSupport", ["CLinux"]),

        // Layer 2: drivers and other general-purpose modules.
        module("Postgres", ["CPostgres", "DriverSupport", logging, metrics]),
        module("RabbitMQ", ["CRabbitMQ", "DriverSupport", logging, metrics]),
        module("Redis", ["CRedis", "DriverSupport", logging, metrics]),
        .target(
            name: "ShopProtos",
            dependencies: [protobuf, grpcCore, grpcProtobuf],
            exclude: ["Protos"],
            swiftSettings: swiftSettings),
        module("Telemetry", [logging, metrics, serviceContext]),
        module("Passwords", ["COpenSSL"]),
        module(
            "WebSockets",
            [
                metrics, .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Crypto", package: "swift-crypto"), nio("NIOCore"), nio("NIOHTTP1"), nio("NIOWebSocket"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ]),

        // Layer 3: messages and processes.
        module(
            "Events",
            [
                "Postgres", "RabbitMQ", "Telemetry", logging, metrics, serviceContext,
                .product(name: "Crypto", package: "swift-crypto"), lifecycle,
            ]),
        module(
            "Hosting",
            [
                "Postgres", "RabbitMQ", "Redis", "ShopProtos", "Telemetry", logging, metrics, serviceContext,
                grpcCore, grpcProtobuf, protobuf, hummingbird, lifecycle,
                .product(name: "GRPCInProcessTransport", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Crypto", package: "swift-crypto"), nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"),
                http2, hpack,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // Layer 4: sagas; limits.
        module("Sagas", ["Events", "Postgres", "Telemetry", logging, metrics, lifecycle]),
        module(
            "Throttling",
            [
                "Hosting", "Redis", "Telemetry", logging, metrics, .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // Layer 5: what the services say to each other.
        module("ShopContracts", ["Sagas", "Events", "Hosting"]),

        // Layer 6: the services, and the accounts, which the gateway has in its process.
        module(
            "Products",
            [
                "ShopContracts", "Sagas", "Events", "Hosting", "Postgres", "Redis", "ShopProtos",
                "Telemetry",
                logging, metrics, grpcCore, grpcProtobuf, protobuf, lifecycle,
            ]),
        module(
            "Orders",
            [
                "ShopContracts", "Sagas", "Events", "Hosting", "Postgres", "ShopProtos", "Telemetry",
                logging, metrics, grpcCore, protobuf, lifecycle, .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module(
            "Customers",
            [
                "ShopContracts", "Sagas", "Events", "Hosting", "Postgres", "RabbitMQ", "Redis", "ShopProtos",
                logging, metrics, grpcCore, protobuf, lifecycle, .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module(
            "Reviews",
            [
                "ShopContracts", "Sagas", "Events", "Hosting", "Postgres", "Redis", "ShopProtos",
                logging, metrics, grpcCore, grpcProtobuf, protobuf, lifecycle,
            ]),

        module(
            "Accounts",
            [
                "Throttling", "Events", "Hosting", "Postgres", "Passwords", "Telemetry", logging, metrics,
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // Layer 7: the gateway, the private stack, the migrations.
        module(
            "Gateway",
            [
                "Accounts", "ShopContracts", "Hosting", "ShopProtos", "Postgres", "Redis", "Passwords", "Telemetry",
                "Throttling", "WebSockets", "CZlib", logging, metrics, serviceContext, grpcCore, grpcProtobuf,
                protobuf, hummingbird, lifecycle,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Crypto", package: "swift-crypto"),
                nio("NIOCore"), nio("NIOHTTP1"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ],
            // The binary carries them: Generated/EmbeddedDocuments.swift.
            exclude: ["OpenAPI/openapi.json", "OpenAPI/docs.html"]),
        module(
            "DevStack",
            [
                logging, .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        module(
            "Migrator",
            ["Postgres", "RabbitMQ", "Events", logging, .product(name: "Crypto", package: "swift-crypto")]),

        // Layer 8: the commands.
        module(
            "ShopctlCommands",
            [
                "Products", "Orders", "Customers", "Reviews", "Accounts", "Gateway", "DevStack", "Migrator",
                "ShopContracts", "Sagas",
                "Events", "Hosting", "Postgres", "RabbitMQ", "Redis", "ShopProtos", "Telemetry",
                logging, metrics, grpcCore, protobuf, lifecycle, nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            // The binary carries it: Generated/EmbeddedConsole.swift.
            exclude: ["Serve/Console/console.html"]),
        .executableTarget(
            name: "shopctl",
            dependencies: ["ShopctlCommands"],
            swiftSettings: swiftSettings,
            linkerSettings: releaseLinking),

        // The HTTP and gRPC libraries by themselves, which reads are measured against; not shipped.
        .executableTarget(
            name: "bare",
            dependencies: [
                hummingbird, grpcCore, .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
            ],
            path: "Benchmarks/Bare",
            swiftSettings: swiftSettings),

        // What tests share: the private stack, once per run.
        .target(
            name: "TestSupport",
            dependencies: ["DevStack", "CLinux", logging],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "DevStackTests",
            dependencies: [
                "DevStack", "TestSupport", "devstack-owner", logging,
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["Owner"],
            swiftSettings: swiftSettings),
        // Owns a stack for the tests that kill a stack's owner.
        .executableTarget(
            name: "devstack-owner",
            dependencies: ["DevStack", logging],
            path: "Tests/DevStackTests/Owner",
            swiftSettings: swiftSettings),
        tests("EventsTests", ["Events", "DevStack", "Postgres", "RabbitMQ", "TestSupport", lifecycle, logging]),
        tests("SagasTests", ["Sagas", "Events", logging]),
        tests("ShopContractsTests", ["ShopContracts", "Sagas"]),
        // Clients that a test may make say what it likes.
        .target(
            name: "TestClients",
            dependencies: ["Hosting", nio("NIOCore"), nio("NIOPosix")],
            path: "Tests/TestClients",
            swiftSettings: swiftSettings),
        // The services in one process on real servers, for the tests of each of them.
        .target(
            name: "ShopHarness",
            dependencies: [
                "Products", "Orders", "Customers", "Reviews", "Sagas", "Events", "Hosting", "Migrator", "Postgres",
                "RabbitMQ", "Redis", "ShopContracts", "ShopProtos", "DevStack", "TestSupport", protobuf, logging,
            ],
            path: "Tests/ShopHarness",
            swiftSettings: swiftSettings),
        shopTests("ProductsTests", ["Products", "RabbitMQ", "Redis"]),
        shopTests("OrdersTests", ["Orders", "Products", "Customers", "RabbitMQ", "DevStack"]),
        shopTests(
            "CustomersTests",
            ["Customers", "RabbitMQ", "Redis", metrics, .product(name: "MetricsTestKit", package: "swift-metrics")]),
        shopTests("ReviewsTests", ["Reviews", "Redis"]),
        tests("MigratorTests", ["Migrator", "DevStack", "Events", "Postgres", "RabbitMQ", "TestSupport", logging]),
        tests("DriverSupportTests", ["DriverSupport", "TestSupport"]),
        tests("PostgresTests", ["Postgres", "DriverSupport", "DevStack", "TestSupport"]),
        tests("RabbitMQTests", ["CRabbitMQ", "RabbitMQ", "DriverSupport", "DevStack", "TestSupport"]),
        tests(
            "RedisTests",
            [
                "Redis", "DriverSupport", "TestSupport", "DevStack", logging,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ]),
        tests(
            "HostingTests",
            [
                "Hosting", "ShopProtos", "Postgres", "Telemetry", logging, metrics, serviceContext, grpcCore, protobuf,
                lifecycle, .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCInProcessTransport", package: "grpc-swift-2"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"), nio("NIOCore"), nio("NIOHTTP1"),
                nio("NIOPosix"), http2, hpack, "TestClients", "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        tests(
            "ShopctlCommandsTests",
            [
                "ShopctlCommands", "DevStack", "Events", "Hosting", "Migrator", "Postgres", "RabbitMQ", "Sagas",
                "ShopProtos", "TestSupport", grpcCore, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]),
        tests("TelemetryTests", ["Telemetry", logging, metrics, serviceContext]),
        tests("PasswordsTests", ["Passwords"]),
        tests(
            "WebSocketsTests",
            [
                "WebSockets", .product(name: "HTTPTypes", package: "swift-http-types"), nio("NIOCore"),
                nio("NIOWebSocket"),
            ]),
        tests("ThrottlingTests", ["Throttling", "Redis", "TestSupport", logging]),
        tests(
            "AccountsTests",
            [
                "Accounts", "Hosting", "Migrator", "Passwords", "Postgres", "Redis", "TestSupport", "Throttling",
                logging,
            ]),
        tests(
            "GatewayTests",
            [
                "Accounts", "CZlib", "Gateway", "Hosting", "Migrator", "Passwords", "Postgres", "Redis",
                "ShopContracts", "ShopHarness", "ShopProtos", "TestClients", "TestSupport", "Throttling",
                "WebSockets",
                logging, grpcCore, grpcProtobuf, protobuf, hummingbird, nio("NIOCore"), nio("NIOHTTP1"),
                nio("NIOPosix"), nio("NIOWebSocket"), .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ]),
        // Depends on the program to have it built: it is run, not imported.
        tests(
            "SystemTests",
            [
                "shopctl", "Hosting", "Postgres", "RabbitMQ", "DevStack", "TestClients", "TestSupport", grpcCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"), nio("NIOCore"), nio("NIOHTTP1"),
                .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
    ]
)
