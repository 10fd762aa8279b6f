// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import PluginAPI
package import Sandbox
package import Security
package import Values

/// `money.new|from_decimal|to_decimal|add|subtract`: the host owns the currency table and the arithmetic; no float passes.
package struct MoneyFunction: HostFunction {
    /// What is done.
    package enum Verb: String, Sendable, CaseIterable {
        case new, add, subtract
        case fromDecimal = "from_decimal"
        case toDecimal = "to_decimal"
    }

    package let capability = ""
    private let verb: Verb

    /// The function that does this.
    package init(_ verb: Verb) { self.verb = verb }

    package var name: String { "money.\(verb.rawValue)" }

    package func perform(_ grant: Grant, _ call: HostCall, _ session: InvocationSession) async throws(Refusal) -> Value {
        let arguments = Arguments(call)
        do {
            switch verb {
            case .new:
                let minor = try arguments.integer(0, "amount", in: Money.range)
                return try Money(minor: minor, currency: try arguments.text(1, "currency", maximum: 3)).value
            case .fromDecimal:
                let text = try arguments.text(0, "decimal", maximum: 32)
                guard let currency = Currency(try arguments.text(1, "currency", maximum: 3)) else { throw MoneyError.unknownCurrency }
                return try Money(decimal: text, currency: currency).value
            case .toDecimal:
                return .string(try Self.money(arguments, 0).decimal)
            case .add:
                return try Self.money(arguments, 0).adding(try Self.money(arguments, 1)).value
            case .subtract:
                return try Self.money(arguments, 0).subtracting(try Self.money(arguments, 1)).value
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as MoneyError {
            throw Refusal("invalid_request", "\(name): \(error)")
        } catch {
            throw Refusal("invalid_request", "\(name): the amount cannot be read")
        }
    }

    private static func money(_ arguments: Arguments, _ index: Int) throws(Refusal) -> Money {
        do {
            return try Money(validating: arguments.value(index))
        } catch {
            throw arguments.wrong("argument \(index + 1)", "must be money, as ctx.money.new makes it: \(error)")
        }
    }
}
