// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What a device is called.
public enum DeviceName {
    /// Of a client that says nothing known of itself.
    public static let unknown = "Unknown device"
    static let maximumByteCount = 100

    /// A name by a `User-Agent`, of known words only: nothing that was sent is repeated.
    public static func guess(userAgent: String?) -> String {
        guard let agent = userAgent?.prefix(512) else { return unknown }
        func first(_ table: [(mark: String, name: String)]) -> String? { table.first { agent.contains($0.mark) }?.name }
        switch (first(browsers), first(systems)) {
        case (let browser?, let system?): return "\(browser) on \(system)"
        case (let name?, nil), (nil, let name?): return name
        case (nil, nil): return unknown
        }
    }

    /// A name that its owner gives: 1 to 100 bytes of text in one line, nil for anything else.
    static func checked(_ text: String) -> String? {
        guard (1...maximumByteCount).contains(text.utf8.count), text.contains(where: { !$0.isWhitespace }) else { return nil }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
            default: true
            }
        } ? text : nil
    }

    // Most programs name those that they descend from as well, so that the order counts.
    private static let browsers = [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
        ("Chromium/", "Chromium"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"), ("PostmanRuntime/", "Postman"),
        ("python", "Python"), ("Go-http-client/", "Go"), ("okhttp/", "OkHttp"), ("node", "Node.js"),
    ]

    private static let systems = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Macintosh", "macOS"),
        ("FreeBSD", "FreeBSD"), ("Linux", "Linux"),
    ]
}
