// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension Recording {
    /// Reads a file that somebody may have written by hand, or to do harm.
    package init(parsing bytes: [UInt8]) throws(RecordingError) {
        let limits = ValueLimits(maxBytes: Self.maximumBytes, maxDepth: 80, maxNodes: 2_000_000)
        let json: Value
        do {
            json = try JSON.parse(bytes, limits: limits)
        } catch {
            throw .invalidJSON(error)
        }
        guard json["panelhost_recording"] == Value(Self.version) else { throw .unknownVersion }
        let file = RecordedObject(json, at: ValuePath())
        program = try Self.program(try file.object("program"))
        operation = try file.text("operation")
        context = try Self.context(try file.object("context"))
        request = try file.value("request")
        budget = try Self.budget(try file.object("budget"))
        steps = []
        for step in try file.objects("steps") { steps.append(try Self.step(step)) }
        end = try Self.end(try file.object("end"))
        let counts = try file.object("receipt")
        receipt = Receipt(
            memoryPeak: try counts.count("memory_peak"), bytesIn: try counts.count("bytes_in"), bytesOut: try counts.count("bytes_out"),
            instructions: try counts.count("instructions"))
        let calls = try counts.object("host_calls")
        for name in calls.names { receipt.hostCalls[name] = try calls.count(name) }
    }

    private static func program(_ json: RecordedObject) throws(RecordingError) -> Program {
        var files: [(name: String, source: [UInt8])] = []
        for file in try json.objects("files") {
            files.append((try file.text("name"), try source(try file.value("source"), at: file.path.member("source"))))
        }
        return Program(hash: try json.text("hash"), entry: try json.text("entry"), files: files)
    }

    private static func source(_ value: Value, at path: ValuePath) throws(RecordingError) -> [UInt8] {
        if let bytes = value.bytesValue { return bytes }
        guard let lines = value.arrayValue, case let texts = lines.compactMap(\.stringValue), texts.count == lines.count else {
            throw .malformed(path, "must be lines or $bytes")
        }
        return Array(texts.joined(separator: "\n").utf8)
    }

    private static func context(_ json: RecordedObject) throws(RecordingError) -> CallContext {
        let denied = try json.object("denied")
        var texts: [String: String] = [:]
        for name in denied.names { texts[name] = try denied.text(name) }
        return CallContext(
            fields: try json.map("fields"), declaredSecrets: try json.texts("declared_secrets"), setSecrets: try json.texts("set_secrets"),
            functions: try json.texts("functions"), denied: texts)
    }

    private static func budget(_ json: RecordedObject) throws(RecordingError) -> InvocationBudget {
        InvocationBudget(
            cpu: .microseconds(try json.count("cpu_us")), wall: .microseconds(try json.count("wall_us")), memory: try json.count("memory"),
            hostCalls: try json.count("host_calls"), logBytes: try json.count("log_bytes"),
            instructions: max(1, try json.count("instructions")))
    }

    private static func step(_ json: RecordedObject) throws(RecordingError) -> Step {
        if json.names.contains("call") {
            return .hostCall(
                name: try json.text("call"), arguments: try json.array("arguments"), reply: try reply(try json.object("reply")))
        }
        let line = try json.object("log")
        guard let level = LogLine.Level(rawValue: try line.text("level")) else {
            throw .malformed(line.path.member("level"), "is no level of a log")
        }
        return .log(LogLine(level: level, message: try line.text("message"), fields: try line.map("fields")))
    }

    private static func reply(_ json: RecordedObject) throws(RecordingError) -> HostReply {
        guard json.names.contains("failure") else { return .value(try json.value("value")) }
        let failure = try json.object("failure")
        return .failure(code: try failure.text("code"), message: try failure.text("message"))
    }

    private static func end(_ json: RecordedObject) throws(RecordingError) -> End {
        guard json.names.contains("error") else { return .value(try json.value("value")) }
        let error = try json.object("error")
        return .error(kind: try error.text("kind"), message: try error.text("message"))
    }
}

/// An object of the file and where it stands.
private struct RecordedObject {
    let path: ValuePath
    private let json: Value

    init(_ json: Value, at path: ValuePath) { (self.json, self.path) = (json, path) }

    var names: [String] { json.mapValue?.keys.sorted() ?? [] }

    func text(_ name: String) throws(RecordingError) -> String {
        guard let text = try member(name).stringValue else { throw .malformed(path.member(name), "must be a string") }
        return text
    }

    func texts(_ name: String) throws(RecordingError) -> [String] {
        guard let elements = try member(name).arrayValue, case let texts = elements.compactMap(\.stringValue), texts.count == elements.count
        else { throw .malformed(path.member(name), "must be an array of strings") }
        return texts
    }

    func count(_ name: String) throws(RecordingError) -> Int {
        guard let number = try member(name).intValue, number >= 0 else {
            throw .malformed(path.member(name), "must be a number, 0 or more")
        }
        return Int(number)
    }

    func value(_ name: String) throws(RecordingError) -> Value { try RecordedValue.value(try member(name), at: path.member(name)) }

    func map(_ name: String) throws(RecordingError) -> [String: Value] {
        guard let members = try member(name).mapValue else { throw .malformed(path.member(name), "must be an object") }
        return try RecordedValue.map(members, at: path.member(name))
    }

    func array(_ name: String) throws(RecordingError) -> [Value] {
        guard case .array(let elements) = try value(name) else { throw .malformed(path.member(name), "must be an array") }
        return elements
    }

    func object(_ name: String) throws(RecordingError) -> RecordedObject {
        guard case .map = try member(name) else { throw .malformed(path.member(name), "must be an object") }
        return RecordedObject(try member(name), at: path.member(name))
    }

    func objects(_ name: String) throws(RecordingError) -> [RecordedObject] {
        guard let elements = try member(name).arrayValue else { throw .malformed(path.member(name), "must be an array") }
        var objects: [RecordedObject] = []
        for (index, element) in elements.enumerated() {
            guard case .map = element else { throw .malformed(path.member(name).index(index), "must be an object") }
            objects.append(RecordedObject(element, at: path.member(name).index(index)))
        }
        return objects
    }

    private func member(_ name: String) throws(RecordingError) -> Value {
        guard let member = json[name] else { throw .malformed(path.member(name), "is missing") }
        return member
    }
}
