// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

// Currencies of ISO 4217 that do not have two decimals.
const EXPONENTS = {
    BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
    BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
};

/** @param {string} currency */
function exponentOf(currency) {
    if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`"${currency}" is not a currency code: write three capital letters`);
    return /** @type {Record<string, number>} */ (EXPONENTS)[currency] ?? 2;
}

/**
 * Money from a decimal text such as "12.30", by string arithmetic: no float ever touches an amount.
 * @param {string} decimal @param {string} currency
 */
export function money(decimal, currency) {
    const exponent = exponentOf(currency);
    const parts = /^(\d{1,15})(?:\.(\d+))?$/.exec(decimal);
    if (!parts) throw new RangeError(`"${decimal}" is not an amount: write it like "12.30"`);
    const fraction = parts[2] ?? "";
    if (fraction.length > exponent) throw new RangeError(`${currency} has ${exponent} decimals, "${decimal}" has more`);
    const minor = Number(parts[1] + fraction.padEnd(exponent, "0"));
    if (!Number.isSafeInteger(minor)) throw new RangeError(`"${decimal}" ${currency} is too large`);
    return { amount_minor: minor, currency };
}

/**
 * The decimal text of money: the inverse of {@link money}.
 * @param {{ amount_minor: number, currency: string }} value
 */
export function decimal({ amount_minor, currency }) {
    const exponent = exponentOf(currency);
    if (!Number.isSafeInteger(amount_minor) || amount_minor < 0) throw new RangeError("amount_minor is not a whole number of minor units");
    if (exponent === 0) return String(amount_minor);
    const digits = String(amount_minor).padStart(exponent + 1, "0");
    return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
