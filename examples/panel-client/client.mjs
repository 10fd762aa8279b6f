// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import { AuthenticationError, FactorRequiredError, StepUpRequiredError } from "./errors.mjs";
import { Transport } from "./transport.mjs";

export * from "./errors.mjs";
export { decimal, money } from "./money.mjs";

/** @param {string} value */
const segment = (value) => encodeURIComponent(value);

/** @param {{ idempotencyKey?: string } | undefined} options @param {string} what */
function requireKey(options, what) {
    const key = options?.idempotencyKey;
    if (typeof key !== "string" || key === "") {
        throw new TypeError(`${what} needs an idempotencyKey: one of your own for what is to happen once, the same when you try again`);
    }
    return { idempotencyKey: key };
}

/** One tenant's view of a panel host. */
export class PanelClient {
    #transport;
    /** @type {string | undefined} */
    #accessToken;
    /** @type {string | undefined} */
    #refreshToken;
    /** @type {Promise<void> | undefined} */
    #refreshing;

    /** @param {import("./client.d.ts").ClientOptions} options */
    constructor(options) {
        this.#transport = new Transport(options);
        this.tenant = options.tenant;
        this.#accessToken = options.apiKey;
        this.payments = new Payments(this);
        this.twoFactor = new TwoFactor(this);
        this.notifications = new Notifications(this);
        this.plugins = new Plugins(this);
        this.audit = new Audit(this);
    }

    /** @param {import("./client.d.ts").SignInOptions} options */
    static async signIn({ email, password, secondFactor, ...options }) {
        const client = new PanelClient(options);
        const body = { tenant: options.tenant, email, password };
        const answer = await client.#transport.send("POST", "/v1/auth/login", { body, once: true });
        client.#accept(answer.status === "factor_required" ? await client.#showFactor(answer, secondFactor) : answer);
        return client;
    }

    /** @param {any} demand @param {((asked: { factors: string[], send: (factor: string) => Promise<any> }) => Promise<any>) | undefined} ask */
    async #showFactor(demand, ask) {
        if (ask === undefined) throw new FactorRequiredError(demand.factors);
        const token = { sign_in_token: demand.sign_in_token };
        const send = (/** @type {string} */ factor) =>
            this.#transport.send("POST", "/v1/auth/login/challenge", { body: { ...token, factor }, once: true });
        const { factor, code } = await ask({ factors: demand.factors, send });
        return this.#transport.send("POST", "/v1/auth/login/factor", { body: { ...token, factor, code }, once: true });
    }

    /**
     * Shows a second factor again, after a {@link StepUpRequiredError}.
     * @param {{ factor: string, code: string }} shown
     */
    async stepUp({ factor, code }) {
        await this.request("POST", "/v1/auth/step-up", { body: { factor, code }, once: true });
    }

    async signOut() {
        await this.request("POST", "/v1/auth/logout", { once: true });
        this.#accessToken = this.#refreshToken = undefined;
    }

    /**
     * Any operation of the API that has no method here; a path that starts with "./" is one of this tenant's.
     * @param {string} method @param {string} path
     * @param {{ body?: unknown, query?: Record<string, unknown>, idempotencyKey?: string, once?: boolean }} [options]
     * @returns {Promise<any>}
     */
    async request(method, path, options = {}) {
        const full = path.startsWith("./") ? `/v1/tenants/${segment(this.tenant)}/${path.slice(2)}` : path;
        const token = this.#accessToken;
        try {
            return await this.#transport.send(method, full, { ...options, token });
        } catch (error) {
            // The access token was refused at the door, so that nothing was done yet.
            const canRenew = this.#refreshToken !== undefined || this.#refreshing !== undefined || token !== this.#accessToken;
            if (!(error instanceof AuthenticationError) || error instanceof StepUpRequiredError || !canRenew) throw error;
            if (token === this.#accessToken) await this.#refresh();
            return await this.#transport.send(method, full, { ...options, token: this.#accessToken });
        }
    }

    // A refresh token works once: calls that find the access token too old at the same time share one refresh.
    #refresh() {
        this.#refreshing ??= this.#renew().finally(() => (this.#refreshing = undefined));
        return this.#refreshing;
    }

    async #renew() {
        const body = { refresh_token: this.#refreshToken };
        this.#refreshToken = undefined;
        this.#accept(await this.#transport.send("POST", "/v1/auth/refresh", { body, once: true }));
    }

    /** @param {{ access_token: string, refresh_token: string }} tokens */
    #accept(tokens) {
        this.#accessToken = tokens.access_token;
        this.#refreshToken = tokens.refresh_token;
    }
}

class Payments {
    /** @param {PanelClient} client */
    constructor(client) {
        this.client = client;
    }

    /** @param {string} id */
    get(id) {
        return this.client.request("GET", `./payments/${segment(id)}`);
    }

    /** @param {unknown} body @param {any} options */
    create(body, options) {
        return this.#post("./payments", body, options, "payments.create");
    }

    /** @param {string} id @param {unknown} body @param {any} options */
    confirm(id, body, options) {
        return this.#post(`./payments/${segment(id)}/confirm`, body ?? {}, options, "payments.confirm");
    }

    /** @param {string} id @param {unknown} body @param {any} options */
    capture(id, body, options) {
        return this.#post(`./payments/${segment(id)}/capture`, body ?? {}, options, "payments.capture");
    }

    /** @param {string} id @param {unknown} body @param {any} options */
    cancel(id, body, options) {
        return this.#post(`./payments/${segment(id)}/cancel`, body ?? {}, options, "payments.cancel");
    }

    /** @param {string} id @param {unknown} body @param {any} options */
    refund(id, body, options) {
        return this.#post(`./payments/${segment(id)}/refunds`, body ?? {}, options, "payments.refund");
    }

    /** @param {string} id */
    sync(id) {
        return this.client.request("POST", `./payments/${segment(id)}/sync`, { once: true });
    }

    /** @param {string} path @param {unknown} body @param {any} options @param {string} what */
    #post(path, body, options, what) {
        return this.client.request("POST", path, { body, ...requireKey(options, what) });
    }
}

class TwoFactor {
    /** @param {PanelClient} client */
    constructor(client) {
        this.client = client;
    }

    /** @param {unknown} body @param {any} options */
    enroll(body, options) {
        return this.client.request("POST", "./2fa/enrollments", { body, ...requireKey(options, "twoFactor.enroll") });
    }

    /** @param {unknown} body @param {any} options */
    challenge(body, options) {
        return this.client.request("POST", "./2fa/challenges", { body, ...requireKey(options, "twoFactor.challenge") });
    }

    /** Never repeated by itself: each answer counts as an attempt. @param {string} id @param {unknown} body */
    verify(id, body) {
        return this.client.request("POST", `./2fa/challenges/${segment(id)}/verify`, { body, once: true });
    }
}

class Notifications {
    /** @param {PanelClient} client */
    constructor(client) {
        this.client = client;
    }

    /** @param {unknown} body @param {any} options */
    send(body, options) {
        return this.client.request("POST", "./notifications", { body, ...requireKey(options, "notifications.send") });
    }

    /** @param {string} id */
    get(id) {
        return this.client.request("GET", `./notifications/${segment(id)}`);
    }
}

class Plugins {
    /** @param {PanelClient} client */
    constructor(client) {
        this.client = client;
    }

    async list() {
        return (await this.client.request("GET", "/v1/plugins")).plugins;
    }

    /** @param {string} id */
    get(id) {
        return this.client.request("GET", `./plugins/${segment(id)}`);
    }

    /** @param {string} id @param {unknown} body */
    set(id, body) {
        return this.client.request("PUT", `./plugins/${segment(id)}`, { body });
    }

    /** @param {string} id @param {unknown} values */
    configure(id, values) {
        return this.client.request("PUT", `./plugins/${segment(id)}/config`, { body: values });
    }

    /** @param {string} id */
    test(id) {
        return this.client.request("POST", `./plugins/${segment(id)}/test`, { once: true });
    }
}

class Audit {
    /** @param {PanelClient} client */
    constructor(client) {
        this.client = client;
    }

    /** @param {Record<string, unknown>} [query] */
    page(query = {}) {
        return this.client.request("GET", "./audit", { query });
    }

    /** All events that match, newest first, page by page. @param {Record<string, unknown>} [query] */
    async *events(query = {}) {
        for (let cursor; ; ) {
            const page = await this.page({ ...query, cursor });
            yield* page.events;
            if (page.next === undefined || page.next === null) return;
            cursor = page.next;
        }
    }
}
