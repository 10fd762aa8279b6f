// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { AuthenticationError, ConflictError, ConnectionError, FactorRequiredError, InvalidRequestError, PanelClient, ServerError, StepUpRequiredError, decimal, money } from "./client.mjs";

/** Serves the answers one after the other and keeps what was asked. */
async function host(t, ...answers) {
    const seen = [];
    const server = createServer(async (request, response) => {
        let body = "";
        for await (const chunk of request) body += chunk;
        seen.push({ method: request.method, path: request.url, headers: request.headers, body: body && JSON.parse(body) });
        const answer = answers.shift() ?? { status: 500 };
        if (answer.hangUp) return request.socket.destroy();
        const type = answer.status < 400 ? "application/json" : "application/problem+json";
        response.writeHead(answer.status, { "content-type": type, ...answer.headers });
        response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    t.after(() => server.close());
    return { seen, baseURL: `http://127.0.0.1:${server.address().port}` };
}

function client(baseURL, pauses = []) {
    return new PanelClient({ baseURL, tenant: "acme", apiKey: "ph_test_1", sleep: async (ms) => pauses.push(ms) });
}

const payment = { plugin: "stripe", amount: money("12.30", "EUR"), invoice: { id: "inv-1" }, customer: { ref: "client-7" } };
const problem = (status, code, more = {}) => ({ status, headers: more.headers, body: { type: "about:blank", title: code, status, code, ...more.body } });

test("money is made by string arithmetic and refuses what does not fit", () => {
    assert.deepEqual(money("12.30", "EUR"), { amount_minor: 1230, currency: "EUR" });
    assert.deepEqual(money("12.3", "EUR"), { amount_minor: 1230, currency: "EUR" });
    assert.deepEqual(money("80", "JPY"), { amount_minor: 80, currency: "JPY" });
    assert.deepEqual(money("1.234", "KWD"), { amount_minor: 1234, currency: "KWD" });
    assert.equal(decimal({ amount_minor: 5, currency: "EUR" }), "0.05");
    assert.equal(decimal({ amount_minor: 80, currency: "JPY" }), "80");
    for (const [text, currency] of [["12.345", "EUR"], ["1.5", "JPY"], ["-1", "EUR"], ["1e3", "EUR"], ["1,50", "EUR"], ["99999999999999999", "EUR"], ["1", "eur"]]) {
        assert.throws(() => money(text, currency), RangeError, text);
    }
});

test("a payment carries its Idempotency-Key and the credential", async (t) => {
    const { seen, baseURL } = await host(t, { status: 201, body: { id: "p1", status: "succeeded" } });

    const created = await client(baseURL).payments.create(payment, { idempotencyKey: "inv-1/1" });

    assert.equal(created.status, "succeeded");
    assert.equal(seen[0].path, "/v1/tenants/acme/payments");
    assert.equal(seen[0].headers["idempotency-key"], "inv-1/1");
    assert.equal(seen[0].headers.authorization, "Bearer ph_test_1");
    assert.deepEqual(seen[0].body.amount, { amount_minor: 1230, currency: "EUR" });
});

test("a payment without an Idempotency-Key is not sent", async (t) => {
    const { seen, baseURL } = await host(t);

    assert.throws(() => client(baseURL).payments.create(payment), TypeError);
    assert.equal(seen.length, 0);
});

test("a payment whose answer was lost is sent again under the same key", async (t) => {
    const { seen, baseURL } = await host(t, { hangUp: true }, { status: 201, body: { id: "p1", status: "succeeded" } });

    await client(baseURL).payments.create(payment, { idempotencyKey: "inv-1/1" });

    assert.deepEqual(seen.map((request) => request.headers["idempotency-key"]), ["inv-1/1", "inv-1/1"]);
});

test("a payment in progress is waited for", async (t) => {
    const pauses = [];
    const { baseURL } = await host(t, problem(409, "in_progress", { headers: { "retry-after": "2" } }), { status: 201, body: { id: "p1" } });

    await client(baseURL, pauses).payments.create(payment, { idempotencyKey: "inv-1/1" });

    assert.deepEqual(pauses, [2000]);
});

test("another body under the same key is an error at once", async (t) => {
    const { seen, baseURL } = await host(t, problem(409, "idempotency_mismatch"));

    await assert.rejects(client(baseURL).payments.create(payment, { idempotencyKey: "inv-1/1" }), (error) => error instanceof ConflictError && error.code === "idempotency_mismatch");
    assert.equal(seen.length, 1);
});

test("an answer to a challenge is never repeated", async (t) => {
    const { seen, baseURL } = await host(t, { hangUp: true });

    await assert.rejects(client(baseURL).twoFactor.verify("c1", { code: "123456" }), (error) => error instanceof ConnectionError && error.mayHaveArrived);
    assert.equal(seen.length, 1);
});

test("a host that does not listen has seen nothing", async () => {
    const closed = createServer();
    await new Promise((listening) => closed.listen(0, "127.0.0.1", listening));
    const gone = client(`http://127.0.0.1:${closed.address().port}`);
    await new Promise((done) => closed.close(done));

    await assert.rejects(gone.twoFactor.verify("c1", { code: "123456" }), (error) => error instanceof ConnectionError && !error.mayHaveArrived);
});

test("the host's own last word is not asked for again", async (t) => {
    const { seen, baseURL } = await host(t, problem(502, "provider_error"));

    await assert.rejects(client(baseURL).payments.create(payment, { idempotencyKey: "inv-1/1" }), ServerError);
    assert.equal(seen.length, 1);
});

test("a problem names the fields that are wrong", async (t) => {
    const { baseURL } = await host(t, problem(400, "invalid_request", { body: { detail: "The request is not valid", errors: [{ field: "amount", message: "is required" }], correlation_id: "c-1" } }));

    await assert.rejects(client(baseURL).payments.get("p1"), (error) => {
        assert.ok(error instanceof InvalidRequestError);
        assert.deepEqual(error.fields, [{ field: "amount", message: "is required" }]);
        assert.equal(error.correlationId, "c-1");
        return true;
    });
});

test("an access token that is too old is renewed once for all calls", async (t) => {
    const tokens = (n) => ({ status: 200, body: { access_token: `a${n}`, refresh_token: `r${n}`, token_type: "Bearer", expires_in: 300 } });
    const { seen, baseURL } = await host(t, tokens(1), problem(401, "unauthorized"), problem(401, "unauthorized"), tokens(2), { status: 200, body: { id: "p" } }, { status: 200, body: { id: "p" } });

    const signedIn = await PanelClient.signIn({ baseURL, tenant: "acme", email: "a@acme.example", password: "x" });
    await Promise.all([signedIn.payments.get("p1"), signedIn.payments.get("p2")]);

    assert.equal(seen.filter((request) => request.path === "/v1/auth/refresh").length, 1);
    assert.ok(seen.slice(-2).every((request) => request.headers.authorization === "Bearer a2"));
});

test("a second factor is asked for, sent for, and shown", async (t) => {
    const demand = { status: 200, body: { status: "factor_required", sign_in_token: "s1", factors: ["plugin:sms-twilio"], expires_in: 300 } };
    const tokens = { status: 200, body: { access_token: "a1", refresh_token: "r1", token_type: "Bearer", expires_in: 300 } };
    const { seen, baseURL } = await host(t, demand, { status: 200, body: { status: "sent", hint: "…78" } }, tokens, demand);
    const who = { baseURL, tenant: "acme", email: "a@acme.example", password: "x" };

    await PanelClient.signIn({
        ...who,
        secondFactor: async ({ factors, send }) => {
            assert.equal((await send(factors[0])).hint, "…78");
            return { factor: factors[0], code: "123456" };
        },
    });

    assert.deepEqual(seen[1].body, { sign_in_token: "s1", factor: "plugin:sms-twilio" });
    assert.deepEqual(seen[2].body, { sign_in_token: "s1", factor: "plugin:sms-twilio", code: "123456" });
    await assert.rejects(PanelClient.signIn(who), FactorRequiredError);
});

test("a factor that has to be shown again is no reason to renew the token", async (t) => {
    const tokens = { status: 200, body: { access_token: "a1", refresh_token: "r1", token_type: "Bearer", expires_in: 300 } };
    const { seen, baseURL } = await host(t, tokens, problem(401, "step_up_required", { body: { max_age: 900 } }), { status: 204 }, { status: 200, body: {} });
    const panel = await PanelClient.signIn({ baseURL, tenant: "acme", email: "a@acme.example", password: "x" });

    await assert.rejects(panel.request("PUT", "./factor-policy", { body: {}, once: true }), (error) => error instanceof StepUpRequiredError && error.maxAgeSeconds === 900);
    await panel.stepUp({ factor: "totp", code: "123456" });
    await panel.request("PUT", "./factor-policy", { body: {}, once: true });

    assert.deepEqual(seen.map((request) => request.path).slice(1), ["/v1/tenants/acme/factor-policy", "/v1/auth/step-up", "/v1/tenants/acme/factor-policy"]);
});

test("an API key that is no longer good is an authentication error", async (t) => {
    const { baseURL } = await host(t, problem(401, "unauthorized"));

    await assert.rejects(client(baseURL).payments.get("p1"), AuthenticationError);
});

test("the audit trail is read page by page", async (t) => {
    const { seen, baseURL } = await host(t, { status: 200, body: { events: [{ id: "c" }, { id: "b" }], next: "sealed-2" } }, { status: 200, body: { events: [{ id: "a" }] } });

    const ids = [];
    for await (const event of client(baseURL).audit.events({ limit: 2 })) ids.push(event.id);

    assert.deepEqual(ids, ["c", "b", "a"]);
    assert.equal(seen[1].path, "/v1/tenants/acme/audit?limit=2&cursor=sealed-2");
});
