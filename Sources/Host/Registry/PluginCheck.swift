// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import PluginAPI
package import Sandbox
import Security
import Values

/// What `panelhost plugin check` finds in a folder: everything at once, each with file, line and what to write.
package struct PluginCheck: Sendable {
    /// What keeps the plugin from being installed or from working.
    package private(set) var problems: [ManifestProblem] = []
    /// What is allowed and probably not meant.
    package private(set) var hints: [ManifestProblem] = []
    /// The manifest, when it is valid.
    package private(set) var manifest: Manifest?

    /// Checks a folder; with a sandbox, the Lua files are really loaded in a cell.
    package init(_ folder: PluginFolder, sandbox: Sandbox?, panel: SemanticVersion? = nil) async {
        guard let text = folder.files.first(where: { $0.name == "plugin.json" })?.content else {
            problems.append(
                ManifestProblem(file: "plugin.json", line: 1, message: "is missing", hint: "see docs/plugin-api.md for its fields"))
            return
        }
        do {
            let manifest = try UnverifiedManifest(text).validated(panel: panel)
            self.manifest = manifest
            do {
                _ = try PluginArchive(verifying: PluginArchive.pack(folder), allowsUnsigned: true, panel: panel)
            } catch {
                problems.append(ManifestProblem(file: "plugin.json", line: 1, message: Self.text(error)))
            }
            checkSecrets(manifest, text)
            let secrets = HardCodedSecrets(in: folder.files)
            (problems, hints) = (problems + secrets.certain, hints + secrets.probable)
            for file in folder.files where file.name.hasSuffix(".lua") { hints += LuaHints(file: file.name, file.content).found }
            if let sandbox, problems.isEmpty { await load(manifest, folder, text, in: sandbox) }
        } catch {
            problems += error.problems
        }
    }

    private static func text(_ error: any Error) -> String {
        (error as? HostError)?.message ?? (error as? ArchiveError)?.description ?? "the folder cannot be packed"
    }

    private mutating func checkSecrets(_ manifest: Manifest, _ text: [UInt8]) {
        let located = try? JSON.parseLocated(text, limits: .manifest)
        for field in manifest.config.plainFields where Self.soundsSecret(field.name) {
            let line = located?.line(of: ValuePath(members: "config_schema", "properties", field.name)) ?? 1
            hints.append(
                ManifestProblem(
                    file: "plugin.json", line: line, message: "“\(field.name)” sounds like a secret and is stored as plain text",
                    hint: "add \"x-secret\": true, unless everybody may see it"))
        }
    }

    private static func soundsSecret(_ name: String) -> Bool {
        guard !name.hasPrefix("public"), !name.hasPrefix("publishable") else { return false }
        return name.hasSuffix("_key") || name == "key" || Redactor.standard.scrub([name: "x"])[name] != "x"
    }

    /// Loads the program as the host would.
    ///
    /// No host function exists in there, so nothing that it does can have an effect.
    private mutating func load(_ manifest: Manifest, _ folder: PluginFolder, _ text: [UInt8], in sandbox: Sandbox) async {
        let hash = PluginArchive.hash(of: folder.files)
        let program = PluginArchive.program(of: folder.files, entry: manifest.entry, hash: hash)
        let key = CellKey(tenant: "check", partition: "check/\(CallID.make())", program: hash)
        defer { sandbox.retire(key) }
        let line = (try? JSON.parseLocated(text, limits: .manifest))?.line(of: ValuePath(members: "operations")) ?? 1
        for operation in manifest.operations {
            let outcome = await sandbox.invoke(
                key, program: program, operation: operation, request: [:], context: CallContext(fields: ["config": [:]]),
                budget: InvocationBudget(cpu: .milliseconds(100), wall: .seconds(2), hostCalls: 1), onLog: { _ in },
                onHostCall: { _ in .failure(code: "unsupported", message: "no host function exists while a plugin is checked") })
            switch outcome.result {
            case .failure(.loadFailed(_, let file, let line, let message)):
                problems.append(ManifestProblem(file: file, line: line, message: message))
                return
            case .failure(.noSuchOperation):
                problems.append(
                    ManifestProblem(
                        file: "plugin.json", line: line,
                        message: "the operation “\(operation)” is not in the table that \(manifest.entry) returns",
                        hint: "write \(operation) = function(ctx, req) … end there, or remove it here"))
            case .failure(.unavailable(let reason)):
                problems.append(ManifestProblem(file: manifest.entry, line: 1, message: "the sandbox could not load it: \(reason)"))
                return
            default:
                // It exists and does something with an empty request; what, does not matter here.
                continue
            }
        }
    }
}
