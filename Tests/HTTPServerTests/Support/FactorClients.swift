// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Glibc
import Testing

/// Programs that know nothing of this one and make codes of second factors.
enum FactorClients {
    /// The code of oathtool (OATH Toolkit) for a secret in Base32, now or some seconds ahead.
    static func oathtool(_ secret: String, ahead seconds: Int = 0) throws -> String {
        try output(of: "oathtool --totp --base32 --now 'now + \(seconds) seconds' '\(secret)'")
    }

    /// The code of pyotp for the address that an authenticator app would scan.
    static func pyotp(_ uri: String) throws -> String {
        let python = getenv("PANELHOST_TEST_PYTHON").map { String(cString: $0) } ?? ".venv/bin/python"
        return try output(of: "\(python) -c 'import pyotp, sys; print(pyotp.parse_uri(sys.argv[1]).now())' '\(uri)'")
    }

    private static func output(of command: String) throws -> String {
        let stream = try #require(popen(command, "r"))
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, stream)
        try #require(pclose(stream) == 0, "this client is missing: run scripts/setup")
        return String(String(decoding: bytes.prefix(count), as: UTF8.self).prefix { $0 != "\n" })
    }
}
