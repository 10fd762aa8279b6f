// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import { ConflictError, ConnectionError, PanelError, RateLimitedError, ServerError, connectionError, errorFor } from "./errors.mjs";

const USER_AGENT = "panelhost-panel-client/0.1";

/**
 * Whether the same request may be sent once more without harm.
 *
 * A request repeats safely when it only reads, when it carries an Idempotency-Key, or when it certainly did nothing.
 * @param {unknown} error @param {boolean} repeatable
 */
export function mayRepeat(error, repeatable) {
    if (error instanceof ConnectionError) return repeatable || !error.mayHaveArrived;
    // Refused at the door, before anything was done.
    if (error instanceof RateLimitedError) return true;
    // The first one is still at work; the answer to the second will be the answer to the first.
    if (error instanceof ConflictError) return repeatable && error.code === "in_progress";
    if (!(error instanceof ServerError)) return false;
    // A problem is the host's own last word but for "unavailable"; without one, a proxy in between has spoken.
    const isOwnWord = error instanceof PanelError && error.code !== "unknown";
    return repeatable && (error.status === 503 || (!isOwnWord && (error.status === 502 || error.status === 504)));
}

/** Sends requests and repeats the ones that may be repeated. */
export class Transport {
    #fetch;
    #sleep;

    /** @param {import("./client.d.ts").ClientOptions} options */
    constructor(options) {
        this.baseURL = new URL(options.baseURL);
        this.timeoutMs = options.timeoutMs ?? 40_000;
        this.maxAttempts = options.maxAttempts ?? 4;
        this.#fetch = options.fetch ?? globalThis.fetch;
        this.#sleep = options.sleep ?? ((/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms)));
    }

    /**
     * @param {string} method @param {string} path
     * @param {{ body?: unknown, query?: Record<string, unknown>, token?: string, idempotencyKey?: string, once?: boolean }} [options]
     * @returns {Promise<any>}
     */
    async send(method, path, options = {}) {
        const repeatable = !options.once && (method === "GET" || options.idempotencyKey !== undefined);
        for (let attempt = 1; ; attempt += 1) {
            try {
                return await this.#attempt(method, path, options);
            } catch (error) {
                if (attempt >= this.maxAttempts || !mayRepeat(error, repeatable)) throw error;
                await this.#sleep(this.#pause(error, attempt));
            }
        }
    }

    /** How long to wait: as the host says, else 200 ms, 400 ms, 800 ms …, a little less at random. @param {any} error @param {number} attempt */
    #pause(error, attempt) {
        if (error.retryAfterSeconds !== undefined) return Math.min(error.retryAfterSeconds, 60) * 1000;
        return 200 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    }

    /** @param {string} method @param {string} path @param {any} options */
    async #attempt(method, path, options) {
        const url = new URL(path, this.baseURL);
        for (const [name, value] of Object.entries(options.query ?? {})) {
            if (value !== undefined) url.searchParams.set(name, String(value));
        }
        /** @type {Record<string, string>} */
        const headers = { accept: "application/json", "user-agent": USER_AGENT };
        if (options.token) headers.authorization = `Bearer ${options.token}`;
        if (options.idempotencyKey !== undefined) headers["idempotency-key"] = options.idempotencyKey;
        if (options.body !== undefined) headers["content-type"] = "application/json";
        const body = options.body === undefined ? undefined : JSON.stringify(options.body);
        const { response, text } = await this.#exchange(url, { method, headers, body });
        const decoded = decode(text);
        if (response.ok && (decoded !== null || text === "")) return decoded;
        if (response.ok) throw new ConnectionError("The answer is not JSON: something other than the panel host answered.", true, text.slice(0, 200));
        throw errorFor(response.status, decoded, response.headers.get("retry-after"));
    }

    /** @param {URL} url @param {RequestInit} init */
    async #exchange(url, init) {
        try {
            const signal = AbortSignal.timeout(this.timeoutMs);
            const response = await this.#fetch(url, { ...init, signal, redirect: "error" });
            return { response, text: await response.text() };
        } catch (cause) {
            throw connectionError(cause);
        }
    }
}

/** @param {string} text */
function decode(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}
