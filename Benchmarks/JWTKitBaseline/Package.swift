// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
import PackageDescription

// A package of its own, so that nothing of the product waits for what is only measured against.
let package = Package(
    name: "JWTKitBaseline",
    dependencies: [.package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1")],
    targets: [.executableTarget(name: "JWTKitBaseline", dependencies: [.product(name: "JWTKit", package: "jwt-kit")])])
