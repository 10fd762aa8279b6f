// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// What is wrong with an audit trail, and where it first is.
public struct AuditFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The ways in which a trail can be tampered with.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The event at this place is not the one that was written.
        case altered
        /// There is nothing at this place, and there are later events.
        case missing
        /// The event that belongs at this place stands elsewhere.
        case reordered
        /// Two rows claim this place, or two signed checkpoints this size.
        case forked
        /// The trail ends before this place, and a signed checkpoint says that it should not.
        case truncated
        /// The checkpoint of this size is not signed by a known key, or is another trail's.
        case badCheckpoint = "bad_checkpoint"
        /// No checkpoint covers this place although it has been given to an event.
        case unsigned
        /// A stored inner node does not follow from the leaves: what it proves would not hold.
        case badNode = "bad_node"
        /// The tree's own bookkeeping is damaged: an event was given a place and still waits for one, or waits and is not there.
        case badQueue = "bad_queue"
        /// The trail is not a continuation of a checkpoint that was kept elsewhere.
        case rewritten
    }

    /// The first bad place, from 0.
    public let index: Int64
    /// What is wrong there.
    public let kind: Kind
    /// Where several places cannot be told apart: the first one that is good again.
    public let end: Int64?

    /// A fault at a place, or somewhere from there to `end`, that one excluded.
    public init(index: Int64, kind: Kind, end: Int64? = nil) {
        self.index = index
        self.kind = kind
        self.end = end.flatMap { $0 > index + 1 ? $0 : nil }
    }

    /// For an operator to read.
    public var description: String {
        let place = end.map { "events \(index) to \($0 - 1)" } ?? "event \(index)"
        return switch kind {
        case .altered: end == nil ? "\(place) was altered" : "one or more of \(place) were altered"
        case .missing: "\(place) is missing"
        case .reordered: "\(place) is not in its place"
        case .forked: "two claim the place \(index)"
        case .truncated: "the trail was cut: event \(index) and later ones are gone"
        case .badCheckpoint: "the checkpoint of \(index) events is not signed by a known key for this trail"
        case .unsigned: "no signed checkpoint covers event \(index)"
        case .badNode: "a stored node above \(place) does not follow from the events"
        case .badQueue: "event \(index) and the sequencer's queue contradict each other"
        case .rewritten: "the trail does not continue the checkpoint of \(index) events that was kept elsewhere"
        }
    }
}
