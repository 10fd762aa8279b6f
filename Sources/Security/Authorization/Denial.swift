// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// Why something is not allowed: the first check that failed.
public enum Denial: Error, Hashable, Sendable, CustomStringConvertible {
    /// The tenant asked for is not the principal's. Answer it like a tenant that does not exist.
    case foreignTenant
    /// No role of the principal allows the action.
    case missingPermission(Action)
    /// A rule denies the action, whatever else allows it.
    case deniedByRule(Action)
    /// The action belongs to those who operate the installation.
    case platformOnly(Action)
    /// The tenant lets nobody in from where the request came.
    case addressNotAllowed
    /// The tenant is not there for operators of the installation, or they may not do this in it.
    case actingForbidden
    /// A change of the policy would give more than its author holds.
    case aboveCeiling
    /// A change of the policy would bring together what a separation of duties keeps apart.
    case keptApart
    /// The plugin's manifest does not ask for the capability.
    case capabilityNotRequested(String)
    /// The plugin asks for the capability, but no administrator has agreed to it.
    case capabilityNotApproved(String)
    /// The tenant wants a second factor of the user, who has none: until there is one, setting it up is all that may be done.
    case factorMissing
    /// Only somebody who is signed in does this: a program with a key does not.
    case personRequired
    /// The action wants a second factor that was shown in the last so many seconds, or in this session at all.
    case stepUpRequired(maximumAge: Int64?)

    /// Safe to show.
    public var description: String {
        switch self {
        case .foreignTenant: "there is no such tenant for you"
        case .missingPermission(let action): "the permission \(action) is missing"
        case .deniedByRule(let action): "a rule denies \(action)"
        case .platformOnly(let action): "\(action) is for operators of this installation"
        case .addressNotAllowed: "the tenant allows no requests from this address"
        case .actingForbidden: "operators of this installation may not do this in the tenant, or the tenant is not in service"
        case .aboveCeiling: "one can grant only what one holds"
        case .keptApart: "a separation of duties forbids it"
        case .capabilityNotRequested(let name): "the plugin's manifest does not ask for the capability \(name)"
        case .capabilityNotApproved(let name): "no administrator has approved the capability \(name)"
        case .factorMissing: "set up a second factor first: this tenant wants one of you"
        case .personRequired:
            "an API key does not do this: somebody of the tenant does who is signed in, or the operator at the command line"
        case .stepUpRequired: "show a second factor for this"
        }
    }

    /// A short stable name, for audit details and error codes.
    public var code: String {
        switch self {
        case .foreignTenant: "foreign_tenant"
        case .missingPermission: "missing_permission"
        case .deniedByRule: "denied_by_rule"
        case .platformOnly: "platform_only"
        case .addressNotAllowed: "address_not_allowed"
        case .actingForbidden: "acting_forbidden"
        case .aboveCeiling: "above_ceiling"
        case .keptApart: "separation_of_duties"
        case .capabilityNotRequested: "capability_not_requested"
        case .capabilityNotApproved: "capability_not_approved"
        case .factorMissing: "factor_missing"
        case .personRequired: "person_required"
        case .stepUpRequired: "step_up_required"
        }
    }
}
