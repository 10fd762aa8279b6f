// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import Values

extension Recording {
    /// The bytes of the file.
    package var serialized: [UInt8] { JSON.serialize(json, pretty: true) + [UInt8(ascii: "\n")] }

    private var json: Value {
        let value = RecordedValue.json
        return [
            "panelhost_recording": Value(Self.version), "operation": .string(operation), "request": value(request),
            "program": [
                "hash": .string(program.hash), "entry": .string(program.entry),
                "files": .array(program.files.map { ["name": .string($0.name), "source": Self.source($0.source)] }),
            ],
            "context": [
                "fields": .map(context.fields.mapValues(value)), "declared_secrets": Value(context.declaredSecrets),
                "set_secrets": Value(context.setSecrets), "functions": Value(context.functions),
                "denied": .map(context.denied.mapValues(Value.string)),
            ],
            "budget": [
                "cpu_us": .int(budget.cpu.wholeNanoseconds / 1000), "wall_us": .int(budget.wall.wholeNanoseconds / 1000),
                "memory": Value(budget.memory), "host_calls": Value(budget.hostCalls), "log_bytes": Value(budget.logBytes),
                "instructions": Value(budget.instructions ?? 0),
            ],
            "steps": .array(steps.map(Self.json)), "end": Self.json(end),
            "receipt": [
                "instructions": Value(receipt.instructions), "memory_peak": Value(receipt.memoryPeak),
                "host_calls": .map(receipt.hostCalls.mapValues { Value($0) }), "bytes_in": Value(receipt.bytesIn),
                "bytes_out": Value(receipt.bytesOut),
            ],
        ]
    }

    /// Line by line, as people read programs.
    private static func source(_ bytes: [UInt8]) -> Value {
        guard let text = Value.octets(bytes).stringValue else { return RecordedValue.json(.bytes(bytes)) }
        return Value(text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(Substring($0)) })
    }

    private static func json(_ step: Step) -> Value {
        let value = RecordedValue.json
        switch step {
        case .log(let line):
            return [
                "log": [
                    "level": .string(line.level.rawValue), "message": .string(line.message), "fields": .map(line.fields.mapValues(value)),
                ]
            ]
        case .hostCall(let name, let arguments, let reply):
            return ["call": .string(name), "arguments": .array(arguments.map(value)), "reply": json(reply)]
        }
    }

    private static func json(_ reply: HostReply) -> Value {
        switch reply {
        case .value(let value): ["value": RecordedValue.json(value)]
        case .failure(let code, let message): ["failure": ["code": .string(code), "message": .string(message)]]
        }
    }

    private static func json(_ end: End) -> Value {
        switch end {
        case .value(let value): ["value": RecordedValue.json(value)]
        case .error(let kind, let message): ["error": ["kind": .string(kind), "message": .string(message)]]
        }
    }
}
