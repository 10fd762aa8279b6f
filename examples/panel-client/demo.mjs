// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

// Plays what a panel's server does with a host that runs, for example after `make run`:
// a charge, a refund, a second factor, a notification, and the audit trail of it all.

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { ConnectionError, PanelClient, PanelError, decimal, money } from "./client.mjs";

const env = process.env;
const text = (value) => `${decimal(value)} ${value.currency}`;

async function connect() {
    const options = { baseURL: env.PANELHOST_URL ?? "http://127.0.0.1:8080", tenant: env.PANELHOST_TENANT ?? "acme" };
    if (env.PANELHOST_API_KEY) return new PanelClient({ ...options, apiKey: env.PANELHOST_API_KEY });
    if (!env.PANELHOST_PASSWORD) throw new Error("set PANELHOST_API_KEY, or PANELHOST_EMAIL and PANELHOST_PASSWORD");
    const email = env.PANELHOST_EMAIL ?? `admin@${options.tenant}.example`;
    return PanelClient.signIn({ ...options, email, password: env.PANELHOST_PASSWORD });
}

async function ask(question) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    try {
        return (await terminal.question(question)).trim();
    } finally {
        terminal.close();
    }
}

async function charge(panel) {
    const invoice = `demo-${randomUUID()}`;
    // One key for one attempt at one invoice: sending it twice can never charge twice.
    const once = (step) => ({ idempotencyKey: `${invoice}/${step}` });
    let payment = await panel.payments.create(
        {
            plugin: env.PANELHOST_GATEWAY ?? "stripe",
            amount: money("12.30", "EUR"),
            invoice: { id: invoice, number: "2026-0001", description: "Hosting, November" },
            customer: { ref: "client-7" },
            source: { kind: "saved", method_ref: env.PANELHOST_CARD ?? "pm_card_visa" },
        },
        once("create"),
    );
    console.log(`payment ${payment.id}: ${payment.status}, ${text(payment.amount)}`);

    if (payment.status === "requires_action") {
        console.log(`the customer has to act: ${payment.next_action?.type}`);
        await ask("press Enter when that is done ");
        payment = await panel.payments.confirm(payment.id, { return_params: {} }, once("confirm"));
        console.log(`payment ${payment.id}: ${payment.status}`);
    }
    if (payment.status === "declined") console.log(`declined: ${payment.decline.code}, advice: ${payment.decline.advice}`);
    if (payment.status !== "succeeded") return;

    const refund = await panel.payments.refund(payment.id, { amount_minor: money("2.30", "EUR").amount_minor }, once("refund"));
    console.log(`refund ${refund.id}: ${refund.status}, ${text(refund.amount)}`);
}

async function secondFactor(panel) {
    const nonce = randomUUID();
    const challenge = await panel.twoFactor.enroll(
        { plugin: "sms-twilio", user_ref: `user-${nonce}`, destination: env.PANELHOST_PHONE ?? "+4915112345678", session_nonce: nonce },
        { idempotencyKey: nonce },
    );
    console.log(`code ${challenge.status} to ${challenge.hint}`);
    const code = env.PANELHOST_CODE ?? (process.stdin.isTTY ? await ask("the code: ") : "000000");
    const verdict = await panel.twoFactor.verify(challenge.challenge_id, { code, session_nonce: nonce });
    console.log(`second factor: ${verdict.result}`);
}

async function notify(panel) {
    let notification = await panel.notifications.send(
        { plugin: env.PANELHOST_NOTIFIER ?? "webhook", event_type: "invoice.paid", severity: "success", title: "Invoice 2026-0001 is paid", text: "12.30 EUR" },
        { idempotencyKey: randomUUID() },
    );
    console.log(`notification ${notification.notification_id}: ${notification.status}`);
    for (let i = 0; i < 20 && ["queued", "sending"].includes(notification.status); i += 1) {
        await new Promise((done) => setTimeout(done, 250));
        notification = await panel.notifications.get(notification.notification_id);
    }
    console.log(`notification ${notification.notification_id}: ${notification.status}`);
}

async function trail(panel) {
    // Page by page, until what happened above has been seen.
    let left = 20;
    for await (const event of panel.audit.events({ limit: 5 })) {
        if (left-- === 0) break;
        console.log(`  ${event.action} ${event.outcome} by ${event.actor}`);
    }
}

/** Runs one step; one that fails says why and does not stop the others. */
async function step(name, run, panel) {
    console.log(`\n${name}`);
    try {
        await run(panel);
    } catch (error) {
        process.exitCode = 1;
        if (error instanceof PanelError) {
            console.log(`  ${error.status} ${error.code}: ${error.message} (correlation ${error.correlationId})`);
            for (const { field, message } of error.fields) console.log(`  ${field}: ${message}`);
        } else if (error instanceof ConnectionError) {
            console.log(`  ${error.message}${error.mayHaveArrived ? " It may have arrived all the same." : ""}`);
        } else {
            throw error;
        }
    }
}

const panel = await connect();
await step("Charge and refund", charge, panel);
await step("Second factor", secondFactor, panel);
await step("Notification", notify, panel);
await step("Audit", trail, panel);
if (!env.PANELHOST_API_KEY) await panel.signOut();
