// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import ArgumentParser
import HTTPServer
import Security
import Storage
import Values

struct CryptoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crypto", abstract: "Show the cryptography in use.", subcommands: [Inventory.self], defaultSubcommand: Inventory.self)

    struct Inventory: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List every algorithm, who computes it, and what keys there are.",
            discussion: "With --json as one object; with --cbom as a CycloneDX 1.6 cryptography bill of materials.")

        @Flag(name: .long, help: "One JSON object.")
        var json = false

        @Flag(name: .long, help: "A CycloneDX bill of materials, without the installation's keys.")
        var cbom = false

        @OptionGroup var options: DataOptions

        func run() async throws {
            let inventory = CryptoInventory()
            if cbom { return Console.line(JSON.text(inventory.billOfMaterials(version: Product.version))) }
            let installation = try await Installation(at: options.location, creating: false)
            let status = try await KeyStatus(installation.database, installation.authority)
            if json { return Console.line(JSON.text(inventory.value(status))) }
            Console.line("library    \(inventory.library)")
            Console.line("providers  \(inventory.providers.joined(separator: ", "))")
            let fips = inventory.isFIPSEnforced ? "enforced" : inventory.isFIPSAvailable ? "available, not enforced" : "not installed"
            Console.line("FIPS       \(fips)")
            for algorithm in inventory.algorithms {
                let bits = algorithm.keyBits.map { " \($0) bit" } ?? ""
                Console.line("\(algorithm.name)\(bits), \(algorithm.standard), by \(algorithm.provider): \(algorithm.use)")
            }
            for (kind, row) in status.byKind.sorted(by: { $0.key < $1.key }) {
                Console.line("keys: \(kind) \(row.count), oldest made \(row.oldest / 1000) (Unix time)")
            }
        }
    }
}

extension KeyStatus {
    /// How many keys of each kind there are, and when the oldest was made.
    var byKind: [String: (count: Int64, oldest: Int64)] {
        var kinds: [String: (count: Int64, oldest: Int64)] = [:]
        for group in tenants.flatMap(\.groups) {
            let known = kinds[group.kind]
            kinds[group.kind] = ((known?.count ?? 0) + group.count - group.erased, min(known?.oldest ?? .max, group.oldest))
        }
        for key in hostKeys where !key.wrapped.isEmpty {
            let known = kinds[key.kind.rawValue]
            kinds[key.kind.rawValue] = ((known?.count ?? 0) + 1, min(known?.oldest ?? .max, key.createdAt))
        }
        return kinds
    }
}

extension CryptoInventory {
    func value(_ status: KeyStatus) -> Value {
        [
            "library": .string(library), "providers": .array(providers.map(Value.string)),
            "fips": ["available": .bool(isFIPSAvailable), "enforced": .bool(isFIPSEnforced)],
            "algorithms": .array(
                algorithms.map { algorithm in
                    [
                        "name": .string(algorithm.name), "primitive": .string(algorithm.primitive), "use": .string(algorithm.use),
                        "key_bits": algorithm.keyBits.map { .int(Int64($0)) } ?? .null, "provider": .string(algorithm.provider),
                        "standard": .string(algorithm.standard),
                    ]
                }),
            "keys": .map(status.byKind.mapValues { ["count": .int($0.count), "oldest_ms": .int($0.oldest)] }),
            "roots": .map(status.roots.mapValues { .int($0) }),
        ]
    }

    func billOfMaterials(version: String) -> Value {
        [
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "metadata": ["component": ["type": "application", "name": "panelhost", "version": .string(version)]],
            "components": .array(
                algorithms.map { algorithm in
                    var properties: [String: Value] = ["primitive": .string(algorithm.primitive)]
                    if let bits = algorithm.keyBits { properties["parameterSetIdentifier"] = .string("\(bits)") }
                    return [
                        "type": "cryptographic-asset", "name": .string(algorithm.name), "bom-ref": .string("crypto/\(algorithm.name)"),
                        "description": .string("\(algorithm.use) (\(algorithm.standard), \(algorithm.provider))"),
                        "cryptoProperties": ["assetType": "algorithm", "algorithmProperties": .map(properties)],
                    ]
                }),
        ]
    }
}
