// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
import Values

// plugin.json of people whom nobody knows: a manifest, or problems that each have a place.

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let unverified = UnverifiedManifest(UnsafeBufferPointer(start: start, count: count))
    let lines = 1 + UnsafeBufferPointer(start: start, count: count).count { $0 == UInt8(ascii: "\n") }
    do throws(ManifestProblems) {
        let manifest = try unverified.validated()
        require(!manifest.name.isEmpty && !manifest.entry.isEmpty, "a manifest without a name")
        let written = JSON.serialize(manifest.value)
        let again = try? UnverifiedManifest(written).validated()
        require(again == manifest, "what was taken is not taken again: \(String(decoding: written, as: UTF8.self))")
    } catch {
        require(!error.problems.isEmpty, "refused without a reason")
        for problem in error.problems {
            require((1...lines).contains(problem.line), "line \(problem.line) of \(lines): \(problem.message)")
            require(!problem.description.isEmpty, "a problem without a text")
        }
    }
    return 0
}
