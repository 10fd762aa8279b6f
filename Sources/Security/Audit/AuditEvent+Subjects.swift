// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

internal import Values

extension AuditEvent {
    /// What is told of one person.
    struct PersonalPart: Hashable, Sendable {
        let subject: PersonalSubject
        var facts: [String: Value]
    }

    /// Whether there is anything that may only be kept sealed.
    package var isPersonal: Bool { address != nil || !personal.isEmpty }

    /// The personal part by subject: one, or two where somebody did something to somebody else.
    var personalParts: [PersonalPart] {
        let actor = PersonalSubject(actor: actor, at: occurredAt)
        var parts: [PersonalPart] = []
        if let address { parts.append(PersonalPart(subject: actor, facts: [AuditPersonal.addressName: .string(address)])) }
        guard !personal.isEmpty else { return parts }
        let subject = about ?? actor
        if let index = parts.firstIndex(where: { $0.subject == subject }) {
            parts[index].facts.merge(personal) { address, _ in address }
        } else {
            parts.append(PersonalPart(subject: subject, facts: personal))
        }
        return parts
    }

    var personalNeeds: [PersonalNeed] { personalParts.map { PersonalNeed(tenant: tenant, subject: $0.subject) } }
}
