// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/** Whole minor units of a currency: 12.30 EUR is `{ amount_minor: 1230, currency: "EUR" }`. Make it with {@link money}. */
export interface Money {
    amount_minor: number;
    currency: string;
}

/** Money from a decimal text such as "12.30"; throws a RangeError where the text does not fit the currency. */
export function money(decimal: string, currency: string): Money;
/** The decimal text of money. */
export function decimal(value: Money): string;

export interface ClientOptions {
    /** For example "http://127.0.0.1:8080". */
    baseURL: string;
    /** The tenant's slug. */
    tenant: string;
    /** `ph_…`; not needed with {@link PanelClient.signIn}. */
    apiKey?: string;
    /** For one try, waiting for the provider included; 40 seconds unless told otherwise. */
    timeoutMs?: number;
    /** Tries of a request that may be repeated; 4 unless told otherwise. */
    maxAttempts?: number;
    fetch?: typeof globalThis.fetch;
    sleep?: (ms: number) => Promise<unknown>;
}

export interface SignInOptions extends Omit<ClientOptions, "apiKey"> {
    email: string;
    password: string;
    /** Asked when the user has a second factor; `send` has a code sent for a factor of a plugin. */
    secondFactor?: (asked: {
        factors: string[];
        send: (factor: string) => Promise<{ status: "sent" | "failed" | "not_needed"; hint?: string; expires_at?: number }>;
    }) => Promise<{ factor: string; code: string }>;
}

/** For what must happen once: a key of your own, the same when you try again, another one for another attempt. */
export interface Once {
    idempotencyKey: string;
}

export type PaymentStatus =
    | "created" | "requires_action" | "processing" | "authorized" | "partially_captured" | "succeeded"
    | "declined" | "canceled" | "expired" | "unknown" | "review";

export type NextAction =
    | { type: "redirect"; url: string }
    | { type: "form_post"; url: string; fields: Record<string, string> }
    | { type: "client_token"; token: string; public_key: string; sdk: string }
    | { type: "display"; lines: string[]; qr?: string; expires_at: number }
    | { type: "wait"; poll_after_s: number };

export type DeclineCode =
    | "insufficient_funds" | "expired_card" | "card_declined" | "do_not_honor" | "invalid_number" | "invalid_cvc" | "lost_or_stolen"
    | "suspected_fraud" | "authentication_required" | "authentication_failed" | "limit_exceeded" | "currency_unsupported"
    | "method_unsupported" | "mandate_revoked" | "duplicate" | "processing_error" | "generic_decline";

export interface Decline {
    code: DeclineCode;
    advice: "retry" | "retry_later" | "new_method" | "authenticate" | "do_not_retry" | "stop_recurring";
    provider_code?: string;
    provider_message?: string;
}

/** What went wrong on the way to the provider; `outcome` says whether it may have happened all the same. */
export interface Failure {
    code: string;
    message: string;
    outcome: "not_sent" | "rejected" | "unknown";
    retryable: boolean;
    retry_after_s?: number;
}

export interface Payment {
    id: string;
    status: PaymentStatus;
    plugin: string;
    instance_id: string;
    merchant_reference: string;
    amount: Money;
    captured: Money;
    refunded: Money;
    capture: "automatic" | "manual";
    provider_payment_id?: string;
    next_action?: NextAction;
    decline?: Decline;
    failure?: Failure;
    method?: { ref?: string; type?: string; brand?: string; last4?: string; exp_month?: number; exp_year?: number };
    refunds?: Refund[];
    created_at_ms: number;
    updated_at_ms: number;
    [more: string]: unknown;
}

export interface Refund {
    id: string;
    payment_id: string;
    status: "created" | "pending" | "succeeded" | "failed" | "canceled" | "unknown" | "review";
    amount: Money;
    reason: string;
    provider_refund_id?: string;
    failure?: Failure;
    [more: string]: unknown;
}

export interface CreatePayment {
    /** A plugin's id, an instance's label, "plugin/label" or an instance's id. */
    plugin: string;
    amount: Money;
    merchant_reference?: string;
    capture?: "automatic" | "manual";
    source?: { kind: "new" } | { kind: "saved"; method_ref: string };
    method?: string;
    invoice: { id: string; number?: string; description?: string };
    customer: { ref: string; email?: string; name?: string; country?: string };
    return_url?: string;
    cancel_url?: string;
    metadata?: Record<string, string>;
    off_session?: boolean;
    save_method?: boolean;
    override_held_invoice?: boolean;
}

export interface Payments {
    create(payment: CreatePayment, options: Once): Promise<Payment>;
    get(id: string): Promise<Payment>;
    /** After the payer came back: the host asks the provider, whatever the parameters say. */
    confirm(id: string, body: { return_params?: Record<string, string> } | undefined, options: Once): Promise<Payment>;
    /** All of it, or a part. */
    capture(id: string, body: { amount_minor?: number } | undefined, options: Once): Promise<Payment>;
    cancel(id: string, body: { reason?: string } | undefined, options: Once): Promise<Payment>;
    /** All that is left, or a part. */
    refund(id: string, body: CreateRefund | undefined, options: Once): Promise<Refund>;
    /** Asks the provider how the payment stands. */
    sync(id: string): Promise<Payment>;
}

export interface CreateRefund {
    amount_minor?: number;
    /** "customer_request" unless said otherwise. */
    reason?: "duplicate" | "fraud" | "customer_request" | "other";
    note?: string;
}

export interface EnrollFactor {
    /** For example "sms-twilio". */
    plugin: string;
    label?: string;
    /** Your own id of the user. */
    user_ref: string;
    /** As the user typed it. */
    destination: string;
    country?: string;
    locale?: string;
    /** A random value of the session that asks, 8 to 128 characters; said again when verifying. */
    session_nonce: string;
}

export interface BeginChallenge {
    enrollment_id: string;
    purpose: "login" | "step_up" | "admin";
    locale?: string;
    session_nonce: string;
}

export interface Challenge {
    challenge_id: string;
    enrollment_id: string;
    enrollment_status: "pending" | "active" | "suspended" | "revoked";
    status: "created" | "sent" | "failed" | "accepted" | "expired" | "canceled" | "locked";
    /** What may be shown of the destination. */
    hint: string;
    expires_at: number;
}

/** One answer for every reason why not: wrong code, wrong session, used, expired, no attempt left. */
export interface Verdict {
    result: "accepted" | "rejected";
    enrollment_id: string;
    purpose: string;
}

export interface TwoFactor {
    /** Sends a first code; verify it to make the factor active. */
    enroll(body: EnrollFactor, options: Once): Promise<Challenge>;
    challenge(body: BeginChallenge, options: Once): Promise<Challenge>;
    /** Never repeated by itself: each answer counts as an attempt. */
    verify(challengeId: string, body: { code: string; session_nonce: string }): Promise<Verdict>;
}

export interface SendNotification {
    /** For example "slack". */
    plugin: string;
    label?: string;
    event_type: string;
    event_id?: string;
    severity?: "info" | "success" | "warning" | "error" | "critical";
    title: string;
    text: string;
    markdown?: string;
    url?: string;
    attributes?: { label: string; value: string }[];
    recipient?: { kind: "address" | "target" | "user"; address: string; locale?: string; timezone?: string };
    thread_key?: string;
    /** When nobody knows whether it arrived: try again (the default), or rather not at all. */
    on_unknown?: "retry" | "drop";
    test?: boolean;
}

export interface Notification {
    notification_id: string;
    plugin: string;
    event_type: string;
    status: "queued" | "sending" | "accepted" | "delivered" | "failed" | "suppressed" | "dead_letter" | "unknown";
    attempts: number;
    provider_message_ids: string[];
    created_at: number;
    updated_at: number;
    failure?: string;
    next_attempt_at?: number;
}

export interface Notifications {
    /** Stores it; the host sends it afterwards, and tries again when that fails. */
    send(body: SendNotification, options: Once): Promise<Notification>;
    get(id: string): Promise<Notification>;
}

export interface Plugins {
    list(): Promise<Record<string, any>[]>;
    get(id: string): Promise<Record<string, any>>;
    set(id: string, body: { enabled: boolean; approved_capabilities?: Record<string, unknown> }): Promise<Record<string, any>>;
    /** Secrets are write-only; one that is left out stays, null clears it. */
    configure(id: string, values: Record<string, unknown>): Promise<Record<string, any>>;
    test(id: string): Promise<Record<string, any>>;
}

export interface AuditEvent {
    /** The place in the tenant's tree, from 0; not there for the moment until the event has one. */
    index?: number;
    id: string;
    occurred_at: number;
    /** For example "user:…". */
    actor: string;
    action: string;
    resource: string;
    outcome: "success" | "denied" | "failure" | "started" | "abandoned";
    detail: Record<string, unknown>;
    correlation_id: string;
    address?: string;
    /** What is known of persons; "erased" once they were. */
    personal?: Record<string, string> | "erased" | "unreadable";
    /** What the tree covers, in hex. */
    leaf_hash: string;
}

export interface AuditQuery {
    limit?: number;
    /** Milliseconds since 1970. */
    from?: number;
    until?: number;
    action?: string;
    actor?: string;
    resource?: string;
    correlation?: string;
    address?: string;
    outcome?: AuditEvent["outcome"];
}

export interface Audit {
    page(query?: AuditQuery & { cursor?: string }): Promise<{ events: AuditEvent[]; next?: string }>;
    /** All events that match, newest first, page by page. */
    events(query?: AuditQuery): AsyncGenerator<AuditEvent>;
}

/** One tenant's view of a panel host. */
export class PanelClient {
    constructor(options: ClientOptions);
    /** Signs in with a password; the access token is renewed when it is too old. */
    static signIn(options: SignInOptions): Promise<PanelClient>;
    signOut(): Promise<void>;
    /** Shows a second factor again, after a {@link StepUpRequiredError}. */
    stepUp(shown: { factor: string; code: string }): Promise<void>;
    readonly tenant: string;
    readonly payments: Payments;
    readonly twoFactor: TwoFactor;
    readonly notifications: Notifications;
    readonly plugins: Plugins;
    readonly audit: Audit;
    /** Any operation that has no method here; a path that starts with "./" is one of this tenant's. */
    request(
        method: string,
        path: string,
        options?: { body?: unknown; query?: Record<string, unknown>; idempotencyKey?: string; once?: boolean },
    ): Promise<any>;
}

/** Anything that the host answered with a problem (RFC 9457). Decide by `code`, not by `message`. */
export class PanelError extends Error {
    readonly status: number;
    readonly code: string;
    /** The fields of the request that are wrong. */
    readonly fields: { field: string; message: string }[];
    /** What the operator needs to find this call in the log and the audit trail. */
    readonly correlationId?: string;
    readonly retryAfterSeconds?: number;
    readonly problem: Record<string, any>;
}
export class InvalidRequestError extends PanelError {}
export class AuthenticationError extends PanelError {}
/** The session is good, but this wants a second factor that was shown a short while ago. */
export class StepUpRequiredError extends AuthenticationError {
    readonly maxAgeSeconds?: number;
}
/** The password was right, and the user has a second factor: give `signIn` a `secondFactor`. */
export class FactorRequiredError extends Error {
    readonly factors: string[];
}
export class PermissionError extends PanelError {}
export class NotFoundError extends PanelError {}
export class ConflictError extends PanelError {}
export class RateLimitedError extends PanelError {}
/** A payment that failed at the provider is in `problem.payment`; `problem.outcome` says whether it was sent. */
export class ServerError extends PanelError {}

/** No answer came. `mayHaveArrived` is false only when it is certain that the host never saw the request. */
export class ConnectionError extends Error {
    readonly mayHaveArrived: boolean;
}
