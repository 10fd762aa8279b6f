// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

public import Values

/// What a plugin may reach outside of its own code.
///
/// A manifest requests, an administrator approves, and what is in force is the ``intersection(_:)`` of the two. What is not in force does
/// not exist for the plugin.
public struct Capabilities: Sendable, Hashable {
    /// Places on the network.
    public var http: [HTTPDestination]
    /// Bytes of storage; 0 for none.
    public var storageBytes: Int64
    /// Kinds of personal data that requests and events may carry.
    public var data: Set<String>
    /// Events that the plugin may emit, as patterns `plugin.<id>.…`.
    public var emit: Set<String>

    /// What a plugin may ask for at most.
    public static let mostStorageBytes: Int64 = 16 << 20

    /// Capabilities.
    public init(http: [HTTPDestination] = [], storageBytes: Int64 = 0, data: Set<String> = [], emit: Set<String> = []) {
        self.http = http
        self.storageBytes = storageBytes
        self.data = data
        self.emit = emit
    }

    /// Nothing at all.
    public static let none = Capabilities()

    /// The names under which the gate knows them: `http`, `storage`, `data`, `events`.
    public var names: Set<String> {
        var names: Set<String> = []
        if !http.isEmpty { names.insert("http") }
        if storageBytes > 0 { names.insert("storage") }
        if !data.isEmpty { names.insert("data") }
        if !emit.isEmpty { names.insert("events") }
        return names
    }

    // MARK: Algebra

    /// What both allow.
    public func intersection(_ other: Capabilities) -> Capabilities {
        var shared: [HTTPDestination] = []
        for mine in http {
            for theirs in other.http {
                let methods = mine.methods.intersection(theirs.methods)
                guard !methods.isEmpty, mine.covers(place: theirs) || theirs.covers(place: mine) else { continue }
                var narrower = mine.covers(place: theirs) ? theirs : mine
                narrower.methods = methods
                if !shared.contains(narrower) { shared.append(narrower) }
            }
        }
        return Capabilities(
            http: shared, storageBytes: min(storageBytes, other.storageBytes), data: data.intersection(other.data),
            emit: emit.intersection(other.emit))
    }

    /// What is asked for here and not approved there.
    public func increase(over approved: Capabilities) -> Capabilities {
        let missing = http.compactMap { destination -> HTTPDestination? in
            var rest = destination
            rest.methods = destination.methods.filter { method in
                !approved.http.contains { $0.methods.contains(method) && $0.covers(place: destination) }
            }
            return rest.methods.isEmpty ? nil : rest
        }
        return Capabilities(
            http: missing, storageBytes: storageBytes > approved.storageBytes ? storageBytes : 0, data: data.subtracting(approved.data),
            emit: emit.subtracting(approved.emit))
    }

    /// Whether the other one allows everything that this one does.
    public func isSubset(of other: Capabilities) -> Bool { increase(over: other) == .none }

    // MARK: Requests

    /// Takes a URL apart and answers where the request goes, if these capabilities allow it.
    ///
    /// - Parameter config: gives the URL in a configuration field, secret fields included.
    public func target(method: String, url: String, config: (String) -> String? = { _ in nil }) throws(DestinationDenial) -> RequestTarget {
        let target: RequestTarget
        do { target = try RequestTarget(url) } catch { throw .malformed(error.description) }
        guard http.contains(where: { $0.permits(method: method, target: target, config: config) }) else {
            // A place that comes from a configuration field may itself be a secret: it must not turn up in a message.
            let isListed = http.contains { destination in
                if case .host(let host, _) = destination.place { host == target.host } else { false }
            }
            throw .notListed(method: method, target: target, isKnownHost: isListed)
        }
        return target
    }

    /// Whether these capabilities allow the request.
    public func permits(method: String, url: String, config: (String) -> String? = { _ in nil }) -> Bool {
        (try? target(method: method, url: url, config: config)) != nil
    }

    // MARK: JSON form

    /// As it stands in a manifest and in the approval API.
    public var value: Value {
        .compact([
            "http": http.isEmpty ? nil : .array(http.map(\.value)),
            "storage": storageBytes > 0 ? ["max_bytes": .int(storageBytes)] : nil,
            "data": data.isEmpty ? nil : Value(data.sorted()),
            "emit": emit.isEmpty ? nil : Value(emit.sorted()),
        ])
    }

    /// Reads the JSON form; every violation at once.
    public init(validating value: Value) throws(SchemaViolations) {
        let known = try Self.schema.validated(value)
        let violations = CapabilityRules.violations(in: known, at: ValuePath(), plugin: nil, configFields: nil)
        guard violations.isEmpty else { throw SchemaViolations(violations) }
        self.init(known: known)
    }

    init(known value: Value) {
        http = (value["http"]?.arrayValue ?? []).map(HTTPDestination.init(known:))
        storageBytes = value["storage"]?["max_bytes"]?.intValue ?? 0
        data = Set((value["data"]?.arrayValue ?? []).compactMap(\.stringValue))
        emit = Set((value["emit"]?.arrayValue ?? []).compactMap(\.stringValue))
    }

    /// The form of capabilities in manifests and in the approval API.
    public static let schema = Schema.type(
        "Capabilities",
        "What the plugin wants to reach. An administrator approves it, whole or in part; nothing else exists for the plugin.",
        [
            .optional("http", .array(HTTPDestination.schema, 0...32), "Places on the network."),
            .optional(
                "storage",
                .object(
                    "",
                    [.required("max_bytes", .integer(1...mostStorageBytes), "Keys and values together, for each tenant.", example: 262144)]),
                "A small key-value store of its own for each tenant.", example: ["max_bytes": 262144]),
            .optional(
                "data", .array(.enumeration(DataScope.all), 0...32), "Personal data that requests and events may carry.",
                example: ["invoice.amounts"]),
            .optional(
                "emit", .array(.string(1...128), 0...32), "Events that the plugin may emit: `plugin.<id>.…`.",
                example: ["plugin.acme-pay.*"]),
        ])
}

/// The kinds of personal data that a plugin can ask for.
public enum DataScope {
    /// All names.
    public static let all = [
        "client.address", "client.contact", "client.identity", "domain.details", "invoice.amounts", "invoice.lines", "order.items",
        "service.details", "ticket.content", "user.contact",
    ]
}

/// Why a request may not go where the plugin wants it to.
public enum DestinationDenial: Error, Sendable, Hashable, CustomStringConvertible {
    /// The URL itself is refused.
    case malformed(String)
    /// No destination in force allows it.
    case notListed(method: String, target: RequestTarget, isKnownHost: Bool)

    /// For the plugin's author: names the line to add.
    public var description: String {
        switch self {
        case .malformed(let problem): return "the url \(problem)"
        case .notListed(let method, let target, let isKnownHost):
            let folder = target.path.lastIndex(of: "/").map { String(target.path[...$0]) } ?? "/"
            let line = HTTPDestination(host: target.host, port: target.port, methods: [method], pathPrefix: folder).value
            let known = HTTPDestination.knownMethods.contains(method)
            let reason =
                isKnownHost ? "no destination in force allows this method and path" : "the host is not among the destinations in force"
            guard known else {
                return
                    "http: \(method) is no method that a plugin may use; use one of \(HTTPDestination.knownMethods.joined(separator: ", "))"
            }
            return
                "http: \(method) \(target.redacted): \(reason); add to \"capabilities\": {\"http\": […]} in plugin.json: \(JSON.text(line)) "
                + "(if it is there, an administrator has not approved it)"
        }
    }
}
