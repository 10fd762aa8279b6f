// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Security
import Values

/// A `plugin.json` that nobody has looked at yet.
///
/// It becomes a ``Manifest`` or a list of everything that is wrong with it.
public struct UnverifiedManifest: Sendable {
    private let bytes: [UInt8]
    private let file: String

    /// The bytes of a file; `file` is its name in messages.
    public init(_ bytes: some Collection<UInt8>, file: String = "plugin.json") {
        self.bytes = Array(bytes)
        self.file = file
    }

    /// Checks everything, and reports everything at once.
    ///
    /// - Parameter panel: the panel's version, when the manifest's range is to be held against it.
    public func validated(panel: SemanticVersion? = nil) throws(ManifestProblems) -> Manifest {
        let located: LocatedValue
        do {
            located = try JSON.parseLocated(bytes, limits: .manifest)
        } catch {
            // After a syntax error every further message would be a guess.
            let problem = ManifestProblem(file: file, line: error.line, message: "column \(error.column): \(error.message)")
            throw ManifestProblems(problems: [problem])
        }
        let value = located.value
        let kind = value["kind"]?.stringValue.flatMap(PluginKind.init)
        let schema = ManifestSchema.schema(kind)
        var violations = schema.validate(value).map { Self.named(value, $0) }
        // What has the wrong shape is said once; rules may add several things about one place.
        let reported = Set(violations.map(\.location))
        violations += ManifestRules.violations(in: value, kind: kind, panel: panel).filter { !reported.contains($0.location) }
        guard violations.isEmpty, let kind, let id = value["id"]?.stringValue.flatMap({ PluginID($0) }),
            let version = value["version"]?.stringValue.flatMap(SemanticVersion.init)
        else { throw problems(violations, located) }
        return Manifest(known: schema.sanitized(value), id: id, kind: kind, version: version)
    }

    private func problems(_ violations: [Violation], _ located: LocatedValue) -> ManifestProblems {
        let problems = violations.map { violation in
            ManifestProblem(
                file: file, line: located.line(of: violation.location),
                message: violation.location.steps.isEmpty
                    ? "the manifest \(violation.message)" : "\(violation.location) \(violation.message)", hint: violation.hint)
        }
        return ManifestProblems(
            problems: problems.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element))
    }

    /// A declaration of another kind is a mistake of its own, and deserves more than "not a known field".
    private static func named(_ value: Value, _ violation: Violation) -> Violation {
        guard violation.location.steps.count == 1, violation.message == "is not a known field",
            let other = PluginKind.allCases.first(where: { $0.profileKey == violation.path }), let kind = value["kind"]?.stringValue
        else { return violation }
        return Violation(
            violation.location, "belongs to the kind \(other.rawValue), and this one is \(kind)",
            hint: "remove it, or write \"kind\": \"\(other.rawValue)\"")
    }
}
