// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// One place on the network that a plugin may talk to, and how.
public struct HTTPDestination: Sendable, Hashable {
    /// Where the host part comes from.
    public enum Place: Sendable, Hashable {
        /// Written in the manifest; https only.
        case host(String, port: Int)
        /// The scheme, host, port and path of the URL in this configuration field: the tenant says where, not the author.
        case config(String)
    }

    /// The place.
    public var place: Place
    /// The methods, in capital letters.
    public var methods: Set<String>
    /// The path has to be inside; whole segments only.
    public var pathPrefix: String

    /// Methods that can be asked for.
    public static let knownMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    /// A host written in the manifest.
    public init(host: String, port: Int = 443, methods: Set<String>, pathPrefix: String = "/") {
        place = .host(host, port: port)
        self.methods = methods
        self.pathPrefix = pathPrefix
    }

    /// The URL in a configuration field.
    public init(configField: String, methods: Set<String>) {
        place = .config(configField)
        self.methods = methods
        pathPrefix = "/"
    }

    /// Whether a request may go there.
    ///
    /// - Parameter config: gives the URL in a configuration field, secret fields included; only asked for places of that kind.
    public func permits(method: String, target: RequestTarget, config: (String) -> String? = { _ in nil }) -> Bool {
        methods.contains(method) && contains(target, config: config)
    }

    /// Whether the place itself contains the target, whatever the method.
    func contains(_ target: RequestTarget, config: (String) -> String?) -> Bool {
        switch place {
        case .host(let host, let port):
            // Plain http is only ever for the machine itself; the operator's exemption decides about that in the host.
            (target.scheme == .https || target.isLoopback) && target.host == host && target.port == port && target.isInside(pathPrefix)
        case .config(let field):
            config(field).flatMap { try? RequestTarget($0) }.map { configured in
                target.scheme == configured.scheme && target.host == configured.host && target.port == configured.port
                    && target.isInside(configured.path)
            } ?? false
        }
    }

    /// Whether everything that `other` allows is also allowed by this one, the methods aside.
    func covers(place other: HTTPDestination) -> Bool {
        guard place == other.place else { return false }
        guard case .host = place else { return true }
        return pathPrefix.hasSuffix("/")
            ? other.pathPrefix.hasPrefix(pathPrefix)
            : other.pathPrefix == pathPrefix || other.pathPrefix.hasPrefix(pathPrefix + "/")
    }

    /// As it stands in a manifest.
    public var value: Value {
        let sorted = Value(Self.knownMethods.filter(methods.contains))
        switch place {
        case .host(let host, let port):
            return .compact([
                "host": .string(host), "port": port == 443 ? nil : Value(port), "methods": sorted, "path_prefix": .string(pathPrefix),
            ])
        case .config(let field): return ["host_config": .string(field), "methods": sorted]
        }
    }

    /// Reads what ``schema`` has passed.
    init(known value: Value) {
        methods = Set((value["methods"]?.arrayValue ?? []).compactMap(\.stringValue))
        pathPrefix = value["path_prefix"]?.stringValue ?? "/"
        if let field = value["host_config"]?.stringValue {
            place = .config(field)
        } else {
            place = .host(value["host"]?.stringValue ?? "", port: value["port"]?.intValue.map { Int($0) } ?? 443)
        }
    }

    static let schema = Schema.type(
        "HTTPDestination", "A place on the network. Either `host` or `host_config` names it.",
        [
            .optional("host", .string(1...253), "Host name, without scheme and without wildcard. Always https.", example: "api.acme.test"),
            .optional(
                "host_config", .string(1...64), "A field of `config_schema` with `\"format\": \"uri\"`: the URL stored there says where.",
                example: "url"),
            .optional("port", .integer(1...65535), "Port, when it is not 443.", example: 443),
            .required("methods", .array(.enumeration(knownMethods), 1...6), "HTTP methods in capital letters.", example: ["GET", "POST"]),
            .optional("path_prefix", .string(1...512), "The path must be inside, by whole segments. Starts with a slash.", example: "/v1/"),
        ])
}
