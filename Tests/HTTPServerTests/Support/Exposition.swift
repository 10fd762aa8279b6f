// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// The text format 0.0.4, read as strictly as it can be: what Prometheus forgives is an error here.
struct Exposition {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
    }

    private(set) var types: [String: String] = [:]
    private(set) var values: [Sample: Double] = [:]
    /// The families in the order in which they came.
    private(set) var families: [String] = []

    init(_ text: String) throws {
        guard text.hasSuffix("\n"), !text.contains("\r") else { throw Malformed("the end, or a carriage return") }
        var helped: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            if line.hasPrefix("# HELP ") {
                let name = String(words[2])
                guard words.count > 3, Self.isName(name), !families.contains(name) else { throw Malformed(String(line)) }
                helped = name
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, String(words[2]) == helped, ["counter", "gauge", "histogram"].contains(words[3]) else {
                    throw Malformed(String(line))
                }
                families.append(String(words[2]))
                types[String(words[2])] = String(words[3])
            } else {
                try sample(line)
            }
        }
        guard families == families.sorted() else { throw Malformed("families are not sorted: \(families)") }
        try checkHistograms()
    }

    subscript(_ name: String, _ labels: [String: String] = [:]) -> Double? { values[Sample(name: name, labels: labels)] }

    /// The values of a label.
    func labels(_ label: String) -> Set<String> { Set(values.keys.compactMap { $0.labels[label] }) }

    private mutating func sample(_ line: Substring) throws {
        guard let family = families.last, let kind = types[family], let space = line.lastIndex(of: " ") else {
            throw Malformed(String(line))
        }
        guard let value = Double(line[line.index(after: space)...].replacing("Inf", with: "infinity")) else {
            throw Malformed(String(line))
        }
        let head = line[..<space]
        let name = String(head.prefix { $0 != "{" })
        let expected = kind == "histogram" ? ["\(family)_bucket", "\(family)_sum", "\(family)_count"] : [family]
        guard expected.contains(name), kind != "counter" || family.hasSuffix("_total"), value >= 0 else { throw Malformed(String(line)) }
        let sample = Sample(name: name, labels: try Self.labels(head.dropFirst(name.count), line))
        guard values.updateValue(value, forKey: sample) == nil else { throw Malformed("twice: \(line)") }
    }

    private static func labels(_ text: Substring, _ line: Substring) throws -> [String: String] {
        guard !text.isEmpty else { return [:] }
        guard text.first == "{", text.last == "}" else { throw Malformed(String(line)) }
        var (labels, rest) = ([String: String](), text.dropFirst().dropLast())
        while !rest.isEmpty {
            let name = String(rest.prefix { $0 != "=" })
            rest = rest.dropFirst(name.count)
            guard isName(name), rest.hasPrefix("=\"") else { throw Malformed(String(line)) }
            rest = rest.dropFirst(2)
            var value = ""
            reading: while true {
                switch rest.popFirst() {
                case "\"": break reading
                case "\\":
                    guard let escaped = rest.popFirst().flatMap({ ["\\": "\\", "\"": "\"", "n": "\n"][$0] }) else {
                        throw Malformed(String(line))
                    }
                    value += escaped
                case let character?: value.append(character)
                case nil: throw Malformed(String(line))
                }
            }
            guard labels.updateValue(value, forKey: name) == nil else { throw Malformed(String(line)) }
            if rest.first == "," { rest = rest.dropFirst() } else if !rest.isEmpty { throw Malformed(String(line)) }
        }
        return labels
    }

    /// Buckets do not fall, and the last one is the count.
    private func checkHistograms() throws {
        for (family, kind) in types where kind == "histogram" {
            for (sample, count) in values where sample.name == "\(family)_count" {
                let buckets = values.filter { other, _ in
                    var labels = other.labels
                    return other.name == "\(family)_bucket" && labels.removeValue(forKey: "le") != nil && labels == sample.labels
                }.map { (Double($0.key.labels["le"]?.replacing("Inf", with: "infinity") ?? "") ?? .nan, $0.value) }.sorted { $0.0 < $1.0 }
                guard buckets.last?.0 == .infinity, buckets.last?.1 == count, buckets.map(\.1) == buckets.map(\.1).sorted() else {
                    throw Malformed("\(family): \(buckets)")
                }
            }
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String
        init(_ what: String) { description = "not in the text format 0.0.4: \(what)" }
    }
}
