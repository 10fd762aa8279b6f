// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What the two roles of a host may do with one table.
struct TableRule: Sendable {
    /// A right on all columns, or on some.
    struct Right: Sendable, Hashable {
        let privilege: String
        /// `nil` for the whole table.
        var columns: [String]?

        static let select = Right(privilege: "SELECT")
        static let insert = Right(privilege: "INSERT")
        static let update = Right(privilege: "UPDATE")
        static let delete = Right(privilege: "DELETE")
        static let all: [Right] = [.select, .insert, .update, .delete]
        static func select(_ columns: String...) -> Right { Right(privilege: "SELECT", columns: columns) }
        static func update(_ columns: String...) -> Right { Right(privilege: "UPDATE", columns: columns) }
    }

    let table: String
    var app: [Right]
    /// For look-ups before a tenant is known and for jobs: as few columns as those need.
    var platform: [Right]
    /// Whether the auditor reads it.
    var isAudit = false
    /// Whether nobody changes or removes a row of it, the owner included.
    var isAppendOnly = false
    /// Whether a row may go all the same once a pruning that covers its place is on record.
    var isPrunable = false

    init(
        _ table: String, app: [Right], platform: [Right] = [], isAudit: Bool = false, isAppendOnly: Bool = false, isPrunable: Bool = false
    ) {
        (self.table, self.app, self.platform) = (table, app, platform)
        (self.isAudit, self.isAppendOnly, self.isPrunable) = (isAudit, isAppendOnly, isPrunable)
    }

    /// The rule of a table; one that is not declared is given what lets a programmer go on, and `SchemaChecks` names it.
    ///
    /// An undeclared table of the audit trail can be added to and read, nothing else.
    static func of(_ table: String) -> TableRule {
        if let rule = declared[table] { return rule }
        if table.hasPrefix("audit_") {
            return TableRule(table, app: [.select, .insert], platform: [.select, .insert], isAudit: true, isAppendOnly: true)
        }
        return TableRule(table, app: Right.all, platform: Right.all)
    }

    static let declared = Dictionary(uniqueKeysWithValues: all.map { ($0.table, $0) })
}
