// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Sandbox
package import Security
import Values

/// A plugin's files after every check: the list agrees with the files, the signature with the list, the manifest with the contract.
package struct PluginArchive: Sendable {
    /// The plugin's own files by name, without the list and the signature.
    package let files: [UstarArchive.Member]
    /// What the plugin declares about itself.
    package let manifest: Manifest
    /// `plugin.json` as it was signed.
    package let manifestText: String
    /// SHA-256 of the sorted list of files: the same for the same content, whatever the order, signed or not.
    package let hash: String
    /// The publisher's Ed25519 key in base64; nil without a signature.
    package let publicKey: String?

    /// The list of files in the form of `sha256sum`.
    package static let list = "files.sha256"
    /// The publisher's signature over the list.
    package static let signature = "signature.json"

    /// Takes an archive apart and checks everything about it.
    package init(verifying bytes: [UInt8], allowsUnsigned: Bool, panel: SemanticVersion?) throws(HostError) {
        let members: [UstarArchive.Member]
        do {
            members = try UstarArchive(bytes).members
            files = try Self.checkedAgainstList(members)
            publicKey = try Self.checkedSignature(members)
            try Self.checkKinds(files)
            hash = Self.hash(of: files)
        } catch {
            throw HostError(.archiveRefused, error.description)
        }
        guard allowsUnsigned || publicKey != nil else {
            throw HostError(.archiveRefused, "the archive has no signature.json: unsigned plugins are installed in development mode only")
        }
        guard let text = files.first(where: { $0.name == "plugin.json" })?.content else {
            throw HostError(.archiveRefused, "the archive holds no plugin.json")
        }
        do {
            manifest = try UnverifiedManifest(text).validated(panel: panel)
        } catch {
            throw HostError(
                .pluginInvalid, "plugin.json has \(error.problems.count) problem\(error.problems.count == 1 ? "" : "s")",
                fields: error.problems.map(HostError.Field.init))
        }
        manifestText = String(decoding: text, as: UTF8.self)
        guard files.contains(where: { $0.name == manifest.entry }) else {
            throw HostError(.archiveRefused, "plugin.json names the entry “\(manifest.entry)”, which is not in the archive")
        }
    }

    /// What a cell gets to see: the Lua files only.
    package var program: Program { Self.program(of: files, entry: manifest.entry, hash: hash) }

    /// What a cell gets to see of these files.
    package static func program(of files: [UstarArchive.Member], entry: String, hash: String) -> Program {
        Program(hash: hash, entry: entry, files: files.filter { $0.name.hasSuffix(".lua") }.map { ($0.name, $0.content) })
    }

    /// Writes the archive of a folder, with its list and, given a key, its signature.
    package static func pack(_ folder: PluginFolder, signedBy key: Ed25519.PrivateKey? = nil) throws -> [UInt8] {
        let files = folder.files.filter { $0.name != list && $0.name != signature }
        try checkKinds(files)
        let listing = UstarArchive.Member(name: list, content: listing(of: files))
        var members = files + [listing]
        if let key {
            let value: Value = [
                "public_key": .string(Base64.encode(key.publicKey)), "signature": .string(Base64.encode(try key.sign(listing.content))),
            ]
            members.append(.init(name: signature, content: JSON.serialize(value, pretty: true)))
        }
        return try UstarArchive(members: members).serialized()
    }

    /// The hash of a content: of the list that names exactly these files.
    package static func hash(of files: [UstarArchive.Member]) -> String { Hex.encode(Hash.sha256(listing(of: files))) }

    private static func listing(of files: [UstarArchive.Member]) -> [UInt8] {
        let sorted = files.sorted { $0.name < $1.name }
        return Array(sorted.map { "\(Hex.encode(Hash.sha256($0.content)))  \($0.name)\n" }.joined().utf8)
    }

    /// The list must name exactly the other files, each with the hash that it has.
    private static func checkedAgainstList(_ members: [UstarArchive.Member]) throws(ArchiveError) -> [UstarArchive.Member] {
        guard let listing = members.first(where: { $0.name == list })?.content else {
            throw ArchiveError("the archive holds no files.sha256 (write it with `panelhost plugin pack`)")
        }
        guard let text = String(validating: listing, as: UTF8.self), text.hasSuffix("\n") else {
            throw ArchiveError("files.sha256 is not text in the form of sha256sum")
        }
        var listed: [String: String] = [:]
        for (index, line) in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let hash = line.prefix(64)
            guard hash.utf8.count == 64, Hex.decode(hash, lowerCaseOnly: true) != nil, line.dropFirst(64).hasPrefix("  ") else {
                throw ArchiveError("files.sha256:\(index + 1): must be 64 hexadecimal digits, two spaces and a name")
            }
            let name = String(line.dropFirst(66))
            guard listed.updateValue(String(hash), forKey: name) == nil else { throw ArchiveError("files.sha256 names “\(name)” twice") }
        }
        let files = members.filter { $0.name != list && $0.name != signature }
        for file in files {
            guard let expected = listed.removeValue(forKey: file.name) else {
                throw ArchiveError("“\(file.name)” is in the archive but not in files.sha256")
            }
            guard expected == Hex.encode(Hash.sha256(file.content)) else {
                throw ArchiveError("“\(file.name)” is not the file that files.sha256 lists: its hash differs")
            }
        }
        if let missing = listed.keys.sorted().first { throw ArchiveError("files.sha256 lists “\(missing)”, which is not in the archive") }
        return files.sorted { $0.name < $1.name }
    }

    private static func checkedSignature(_ members: [UstarArchive.Member]) throws(ArchiveError) -> String? {
        let listing = members.first { $0.name == list }?.content ?? []
        guard let content = members.first(where: { $0.name == signature })?.content else { return nil }
        guard let value = try? JSON.parse(content), let fields = value.mapValue, Set(fields.keys) == ["public_key", "signature"],
            let keyText = value["public_key"]?.stringValue, let key = Base64.decode(keyText), key.count == 32,
            let mark = value["signature"]?.stringValue.flatMap({ Base64.decode($0) })
        else { throw ArchiveError("signature.json must hold public_key (32 bytes) and signature (64 bytes) in base64, and nothing else") }
        guard Ed25519.isValid(mark, for: listing, publicKey: key) else {
            throw ArchiveError("the signature does not belong to files.sha256: the archive was changed, or signed with another key")
        }
        return Base64.encode(key)
    }

    private static func checkKinds(_ files: [UstarArchive.Member]) throws(ArchiveError) {
        for file in files {
            let isKnown = [".lua", ".json", ".md", ".txt"].contains(where: file.name.hasSuffix) || file.name == "LICENSE"
            guard isKnown else { throw ArchiveError("“\(file.name)” is of no kind that a plugin holds (.lua, .json, .md, .txt, LICENSE)") }
            // Lua would take it for compiled code, which nothing can check.
            guard file.content.first != 0x1B else { throw ArchiveError("“\(file.name)” begins like a compiled Lua chunk") }
        }
    }
}

extension HostError.Field {
    init(_ problem: ManifestProblem) {
        self.init(field: "\(problem.file):\(problem.line)", message: problem.message + (problem.hint.map { ", \($0)" } ?? ""))
    }
}
