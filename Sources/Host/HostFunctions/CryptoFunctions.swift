// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

package import Sandbox
package import Security
package import Values

/// `crypto.hmac(algorithm, key, message, encoding?)`: the key may be a secret, which never reaches the cell.
package struct HMACFunction: HostFunction {
    package let name = "crypto.hmac"
    package let capability = ""

    package init() {}

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        let arguments = Arguments(call)
        let algorithm = try Digest.algorithm(arguments)
        let key: [UInt8]
        if case .secret(let use) = arguments.value(1) {
            key = try session.reveal(use)
        } else {
            key = try arguments.bytes(1, "key", maximum: 4096)
        }
        let message = try arguments.bytes(2, "message", maximum: 256 * 1024)
        let encode = try Digest.encoding(arguments, 3)
        return encode(HMAC.authenticate(message, key: key, using: algorithm))
    }
}

/// `crypto.hash(algorithm, data, encoding?)`.
package struct HashFunction: HostFunction {
    package let name = "crypto.hash"
    package let capability = ""

    package init() {}

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        let arguments = Arguments(call)
        let algorithm = try Digest.algorithm(arguments)
        let data = try arguments.bytes(1, "data", maximum: 256 * 1024)
        let encode = try Digest.encoding(arguments, 2)
        return encode(Hash.digest(data, using: algorithm))
    }
}

/// The arguments that both have.
private enum Digest {
    static func algorithm(_ arguments: Arguments) throws(Refusal) -> HashAlgorithm {
        let name = try arguments.text(0, "algorithm", maximum: 16)
        guard let algorithm = HashAlgorithm(rawValue: name) else {
            throw arguments.wrong("algorithm", "must be one of \(HashAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return algorithm
    }

    static func encoding(_ arguments: Arguments, _ index: Int) throws(Refusal) -> @Sendable ([UInt8]) -> Value {
        switch arguments.value(index) {
        case .null, "hex": { .string(Hex.encode($0)) }
        case "base64": { .string(Base64.encode($0)) }
        case "raw": { .octets($0) }
        default: throw arguments.wrong("encoding", "must be \"hex\", \"base64\" or \"raw\"")
        }
    }
}
