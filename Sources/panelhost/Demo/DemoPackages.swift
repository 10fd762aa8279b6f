// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Host
import Security
import Values

/// The bundled plugins as signed archives, under a publisher key that this installation made for itself.
enum DemoPackages {
    private static let plugins = ["stripe", "sms-twilio", "webhook", "slack"]

    static func pack(from folder: String, keyFile: String) throws -> [DemoStory.Package] {
        let key = try PublisherKey.loadOrCreate(keyFile)
        return try plugins.map { id in
            let source = folder + "/" + id
            guard access(source + "/plugin.json", R_OK) == 0 else {
                throw Failure("there is no plugin in \(source): run this in the project's folder, or name the folder with --plugins")
            }
            return DemoStory.Package(id: id, archive: try PluginArchive.pack(try PluginFolder(at: source), signedBy: key))
        }
    }
}

/// A publisher's Ed25519 key as a file: 32 bytes in hex.
enum PublisherKey {
    static func create(_ path: String) throws(KeyFileError) {
        try KeyFile.create(path, Secret(Hex.encode(SecureRandom.bytes(32)) + "\n"))
    }

    static func load(_ path: String) throws -> Ed25519.PrivateKey {
        guard access(path, F_OK) == 0 else {
            throw Failure("there is no publisher key \(path); make one with 'panelhost plugin keygen --out \(path)'")
        }
        guard let text = try KeyFile.read(path).revealedText(), let seed = Hex.decode(text.filter { !$0.isWhitespace }), seed.count == 32
        else {
            throw Failure("\(path) is not a publisher key: 64 hex digits are expected")
        }
        return try Ed25519.PrivateKey(seed: Secret(seed))
    }

    static func loadOrCreate(_ path: String) throws -> Ed25519.PrivateKey {
        if access(path, F_OK) != 0 { try create(path) }
        return try load(path)
    }
}
