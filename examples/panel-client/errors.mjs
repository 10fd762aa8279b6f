// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/**
 * Anything that the host answered with a problem (RFC 9457). Decide by `code`, not by `message`.
 */
export class PanelError extends Error {
    /** @param {number} status @param {Record<string, any>} problem @param {number | undefined} retryAfterSeconds */
    constructor(status, problem, retryAfterSeconds) {
        const what = problem.detail ?? problem.title ?? `The panel host answered ${status}.`;
        const fields = (problem.errors ?? []).map((/** @type {any} */ error) => `${error.field} ${error.message}`);
        super(fields.length > 0 ? `${what}: ${fields.join("; ")}` : what);
        this.name = new.target.name;
        this.status = status;
        this.code = problem.code ?? "unknown";
        this.fields = problem.errors ?? [];
        this.correlationId = problem.correlation_id;
        this.retryAfterSeconds = retryAfterSeconds;
        this.problem = problem;
    }
}

/** 400 and 422: the request is wrong; `fields` names what. */
export class InvalidRequestError extends PanelError {}
/** 401: no credential, or one that is no longer good. */
export class AuthenticationError extends PanelError {}
/** 401: the session is good, but this wants a second factor that was shown a short while ago; see `PanelClient.stepUp`. */
export class StepUpRequiredError extends AuthenticationError {
    /** @returns {number | undefined} how old the factor may be, in seconds. */
    get maxAgeSeconds() {
        return this.problem.max_age;
    }
}
/** 403: the credential is good, but not for this. */
export class PermissionError extends PanelError {}
/** 404: it does not exist, or it belongs to another tenant. */
export class NotFoundError extends PanelError {}
/** 409: it collides with something, for example `in_progress` or `idempotency_mismatch`. */
export class ConflictError extends PanelError {}
/** 429: too much at once; `retryAfterSeconds` says how long to wait. */
export class RateLimitedError extends PanelError {}
/** 5xx: the host or the provider behind it failed. */
export class ServerError extends PanelError {}

/** The password was right, and the user has a second factor: give `signIn` a `secondFactor`. */
export class FactorRequiredError extends Error {
    /** @param {string[]} factors */
    constructor(factors) {
        super(`A second factor is wanted: ${factors.join(", ")}. Give signIn a secondFactor that asks the user for a code.`);
        this.name = "FactorRequiredError";
        this.factors = factors;
    }
}

/**
 * No answer came. `mayHaveArrived` is false only when it is certain that the host never saw the request.
 */
export class ConnectionError extends Error {
    /** @param {string} message @param {boolean} mayHaveArrived @param {unknown} cause */
    constructor(message, mayHaveArrived, cause) {
        super(message, { cause });
        this.name = "ConnectionError";
        this.mayHaveArrived = mayHaveArrived;
    }
}

/** @param {number} status @param {unknown} code */
function classFor(status, code) {
    if (status === 401) return code === "step_up_required" ? StepUpRequiredError : AuthenticationError;
    if (status === 403) return PermissionError;
    if (status === 404) return NotFoundError;
    if (status === 409) return ConflictError;
    if (status === 429) return RateLimitedError;
    return status >= 500 ? ServerError : InvalidRequestError;
}

/**
 * The error for an answer that is not a success.
 * @param {number} status @param {unknown} body @param {string | null} retryAfter
 */
export function errorFor(status, body, retryAfter) {
    const problem = body !== null && typeof body === "object" ? /** @type {Record<string, any>} */ (body) : {};
    const wait = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
    return new (classFor(status, problem.code))(status, problem, wait);
}

// The request died before a connection stood: nothing can have arrived.
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/**
 * The error for a request that got no answer.
 * @param {any} cause
 */
export function connectionError(cause) {
    // Node puts the reason below "fetch failed", and one more level down when several addresses were tried.
    const reasons = [cause?.cause, ...(cause?.cause?.errors ?? [])].filter(Boolean);
    const never = reasons.length > 0 && reasons.every((reason) => NEVER_SENT.has(reason.code) || Array.isArray(reason.errors));
    const timedOut = cause?.name === "TimeoutError";
    const message = timedOut ? "The panel host did not answer in time." : `No answer from the panel host: ${reasons.at(-1)?.message || cause}`;
    return new ConnectionError(message, timedOut || !never, cause);
}
