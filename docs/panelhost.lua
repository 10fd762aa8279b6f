-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

---@meta

-- What a Panelhost plugin sees, for the Lua language server. Made from the tables that the host validates with; do not edit.
-- Put it into your workspace library, and write above an operation:
--   ---@type panelhost.operation.notifier.send

---A secret that only the host can read. It can stand in a request and be a key of `ctx.crypto`, and nothing else.
---@class panelhost.Secret

---What the host offers during one call. Read-only.
---@class panelhost.Context
---@field call_id string This call; new for every try.
---@field tenant_id string Whose plugin it is.
---@field plugin_id string The plugin's id.
---@field instance_id string Plugin × tenant × label: one tenant may configure a plugin twice.
---@field mode "test"|"live" Whether money is real.
---@field attempt integer 1 for the first try.
---@field idempotency_key? string The same for every try of one action. The host sends it itself when `idempotency.style` is `header`.
---@field deadline_ms integer When the host will stop waiting.
---@field now_ms integer When the call began.
---@field locale string Language of the tenant.
---@field correlation_id string Names the action in every log.
---@field config table<string, any> The plain settings, with defaults filled in; read-only.
---@field secret table<string, panelhost.Secret> The secret settings, as handles: `nil` when not set, an error when not declared.
---@field http panelhost.Context.http
---@field storage panelhost.Context.storage
---@field crypto panelhost.Context.crypto
---@field json panelhost.Context.json
---@field log panelhost.Context.log
---@field clock panelhost.Context.clock
---@field random panelhost.Context.random
---@field money panelhost.Context.money

---Needs the capability "http" in plugin.json.
---@class panelhost.Context.http
local http = {}

---Sends one request and waits for the answer. The host checks the destination against the capabilities in force, resolves the name, refuses private addresses, fills in secrets, adds the idempotency header, and follows no redirect. A destination that is not on the list and an option that does not exist raise an error; a network failure is returned.
---@param request panelhost.HTTPRequest The request.
---@return panelhost.HTTPResponse|nil response The answer; nil when there is none.
---@return panelhost.NetworkError|nil err Why there is none.
function http.request(request) end

---`http.request` with the method GET.
---@param url string|panelhost.Secret Where.
---@param options? panelhost.HTTPOptions The rest.
---@return panelhost.HTTPResponse|nil response The answer; nil when there is none.
---@return panelhost.NetworkError|nil err Why there is none.
function http.get(url, options) end

---`http.request` with the method POST.
---@param url string|panelhost.Secret Where.
---@param options? panelhost.HTTPOptions The rest.
---@return panelhost.HTTPResponse|nil response The answer; nil when there is none.
---@return panelhost.NetworkError|nil err Why there is none.
function http.post(url, options) end

---The value of an `Authorization` header: `Bearer …`.
---@param token string|panelhost.Secret A handle from `ctx.secret`.
---@return panelhost.Secret value Only for a request.
function http.bearer(token) end

---The value of an `Authorization` header: `Basic …`.
---@param user string The user name, without colon.
---@param password string|panelhost.Secret A handle from `ctx.secret`.
---@return panelhost.Secret value Only for a request.
function http.basic(user, password) end

---A text with secrets in it, which the host puts together at egress. At most 64 parts and 16 KiB.
---@param parts (string|integer|boolean|panelhost.Secret)[] Strings, numbers and handles.
---@return panelhost.Secret value Only for a request.
function http.text(parts) end

---Needs the capability "storage" in plugin.json.
---@class panelhost.Context.storage
local storage = {}

---Reads what was stored under a key.
---@param key string 1 to 200 bytes, no control characters.
---@return any|nil value The value; nil when there is none.
function storage.get(key) end

---Stores a value: text, number, boolean or table, at most 64 KiB as JSON. It belongs to this plugin and this tenant. Raises `limit_exceeded` when the quota is used up. Secrets cannot be stored.
---@param key string 1 to 200 bytes, no control characters.
---@param value any The value.
---@return boolean stored Always true.
function storage.set(key, value) end

---Forgets a key.
---@param key string 1 to 200 bytes, no control characters.
---@return boolean existed Whether there was one.
function storage.delete(key) end

---Lists keys, sorted.
---@param prefix? string Only keys that start with it.
---@return string[] keys The keys.
function storage.list(prefix) end

---@class panelhost.Context.crypto
local crypto = {}

---A keyed hash. The key is usually a handle: the host puts it in.
---@param algorithm "sha256"|"sha512"|"sha1" The hash; `sha1` for old providers only.
---@param key string|panelhost.Secret A handle or a string.
---@param message string What is signed.
---@param encoding? "hex"|"base64"|"raw" How the result is written. Default `hex`.
---@return string hash In the encoding asked for.
function crypto.hmac(algorithm, key, message, encoding) end

---A hash.
---@param algorithm "sha256"|"sha512"|"sha1" The hash; `sha1` for old providers only.
---@param data string What is hashed.
---@param encoding? "hex"|"base64"|"raw" How the result is written. Default `hex`.
---@return string hash In the encoding asked for.
function crypto.hash(algorithm, data, encoding) end

---Compares two strings in constant time. For everything that an outsider may guess at.
---@param a string
---@param b string
---@return boolean equal
function crypto.equals(a, b) end

---Base64 with padding.
---@param data string
---@return string text
function crypto.base64_encode(data) end

---Reads base64 in either alphabet, with or without padding; nil and a text when it is none.
---@param text string
---@return string|nil data
---@return string|nil problem
function crypto.base64_decode(text) end

---Lower-case hexadecimal.
---@param data string
---@return string text
function crypto.hex_encode(data) end

---Reads hexadecimal; nil and a text when it is none.
---@param text string
---@return string|nil data
---@return string|nil problem
function crypto.hex_decode(text) end

---@class panelhost.Context.json
local json = {}

---JSON text. An empty table is an object; write `panel.array {}` for an empty list, and `panel.null` for null.
---@param value any
---@return string text
function json.encode(value) end

---Reads JSON, strictly: no duplicate names, nothing after the value. Nil and a text when it is none.
---@param text string
---@return any|nil value
---@return string|nil problem
function json.decode(text) end

---@class panelhost.Context.log
local log = {}

---The same with the level debug.
---@param message any The line; what is no string is written as `tostring` shows it.
---@param fields? table<string, any> Facts beside the message.
function log.debug(message, fields) end

---Writes a line to the plugin's log, which administrators read. At most 16 KiB a call. Known secrets, card numbers and codes are blotted out; do not rely on it.
---@param message any The line; what is no string is written as `tostring` shows it.
---@param fields? table<string, any> Facts beside the message.
function log.info(message, fields) end

---The same with the level warn.
---@param message any The line; what is no string is written as `tostring` shows it.
---@param fields? table<string, any> Facts beside the message.
function log.warn(message, fields) end

---The same with the level error.
---@param message any The line; what is no string is written as `tostring` shows it.
---@param fields? table<string, any> Facts beside the message.
function log.error(message, fields) end

---@class panelhost.Context.clock
local clock = {}

---The time in milliseconds since 1970.
---@return integer ms
function clock.now_ms() end

---A time as text: `2026-11-21T09:30:00.000Z`.
---@param ms integer Milliseconds since 1970.
---@return string text
function clock.iso8601(ms) end

---@class panelhost.Context.random
local random = {}

---Random bytes from the host. `math.random` is the same in every call; never use it for anything secret.
---@param count integer How many.
---@return string bytes
function random.bytes(count) end

---Random bytes as hexadecimal.
---@param count integer How many bytes.
---@return string text
function random.hex(count) end

---A random UUID (version 4).
---@return string uuid
function random.uuid() end

---@class panelhost.Context.money
local money = {}

---Money from minor units.
---@param minor integer Minor units.
---@param currency string ISO 4217 code.
---@return panelhost.Money money
function money.new(minor, currency) end

---Money from a decimal text, without rounding: too many decimals raise an error.
---@param text string `12.30`.
---@param currency string ISO 4217 code.
---@return panelhost.Money money
function money.from_decimal(text, currency) end

---The decimal text of money, with as many decimals as the currency has.
---@param money panelhost.Money
---@return string text
function money.to_decimal(money) end

---The sum of two amounts of one currency.
---@param a panelhost.Money
---@param b panelhost.Money
---@return panelhost.Money sum
function money.add(a, b) end

---The difference of two amounts of one currency; a negative one raises an error.
---@param a panelhost.Money
---@param b panelhost.Money
---@return panelhost.Money difference
function money.subtract(a, b) end

---A request. Secret handles may stand as `url`, and as any value of `headers`, `query`, `form`, `json` and `body`.
---@class panelhost.HTTPRequest
---@field method? "GET"|"HEAD"|"POST"|"PUT"|"PATCH"|"DELETE" Default `GET`.
---@field url string|panelhost.Secret An absolute URL on a destination in force.
---@field headers? table<string, string|panelhost.Secret> Headers by name.
---@field query? table<string, any> Query parameters; nests like `form`.
---@field form? table<string, any> A form-encoded body. `{a = {b = 1}, c = {"x"}}` becomes `a[b]=1&c[0]=x`.
---@field json? any A JSON body.
---@field body? string|panelhost.Secret A body as it is; say its type in `headers`.
---@field timeout_ms? integer How long to wait; never longer than the call has left.

---What a request may have beside method and URL. At most one of `form`, `json`, `body`.
---@class panelhost.HTTPOptions
---@field headers? table<string, string|panelhost.Secret> Headers by name.
---@field query? table<string, any> Query parameters; nests like `form`.
---@field form? table<string, any> A form-encoded body. `{a = {b = 1}, c = {"x"}}` becomes `a[b]=1&c[0]=x`.
---@field json? any A JSON body.
---@field body? string|panelhost.Secret A body as it is; say its type in `headers`.
---@field timeout_ms? integer How long to wait; never longer than the call has left.

---An answer of any status. `response:json()` decodes the body; it returns `nil` and a text when the body is not JSON.
---@class panelhost.HTTPResponse
---@field status integer Status.
---@field headers table<string, string> Headers by lower-case name.
---@field body string The body.

---Why there is no answer. You may hand it on: `return { ok = false, error = err }`.
---@class panelhost.NetworkError
---@field code "provider_unavailable"|"timeout"|"network_denied"|"limit_exceeded" The kind of failure.
---@field message string For administrators.
---@field outcome "not_sent"|"rejected"|"unknown" Whether the request may have arrived.

---An amount: whole minor units and a currency. Never a float, never a decimal text.
---@class panelhost.Money
---@field amount_minor integer Minor units: 1230 is 12.30 EUR, 1230 JPY or 1.230 KWD.
---@field currency string ISO 4217 code in capital letters.
---@field exponent? integer Digits of the minor unit. The host fills it in; leave it out in answers.

---Stands for JSON null, where leaving a field out is not the same.
---@class panelhost.Null

---@class panelhost.Panel
---@field null panelhost.Null
panel = {}

---Marks a table as a list, so that an empty one is not taken for an object.
---@generic T: table
---@param list T
---@return T
function panel.array(list) end

---An answer that something went wrong.
---@class panelhost.Failure
---@field ok false
---@field error panelhost.Error

---Why an operation did not succeed.
---@class panelhost.Error
---@field code "invalid_request"|"config_invalid"|"auth_failed"|"unsupported"|"not_found"|"conflict"|"rate_limited"|"provider_unavailable"|"provider_error"|"timeout"|"network_denied"|"limit_exceeded"|"contract_violation"|"internal" The kind of failure.
---@field message string For administrators. Never a secret, never card data.
---@field retryable? boolean Whether the same request may succeed later. Default: true for `rate_limited`, `provider_unavailable`, `timeout`.
---@field outcome? "not_sent"|"rejected"|"unknown" What became of the request at the provider. Default `unknown`.
---@field provider_code? string The provider's own code.
---@field provider_message? string The provider's own words.
---@field retry_after_s? integer Seconds after which to try again.

---What `validate_config` gets.
---@class panelhost.request.payment_gateway.validate_config
---@field changed? string[] The settings that have changed.

---What you found out about the settings.
---@class panelhost.ConfigCheck
---@field account_ref? string The provider's name for the account.
---@field mode? "test"|"live" How the provider sees it.
---@field webhook_ok? boolean Whether webhooks arrive, as far as you can tell.
---@field warnings? string[] What an administrator should know.
---@field balance? string Money left at the provider, as it shows it.

---@class panelhost.answer.payment_gateway.validate_config : panelhost.ConfigCheck
---@field ok true

---Tries the settings with read-only calls to the provider. Runs when an administrator saves or tests them.
---@alias panelhost.operation.payment_gateway.validate_config fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.validate_config): panelhost.answer.payment_gateway.validate_config|panelhost.Failure

---What `create_payment` gets.
---@class panelhost.request.payment_gateway.create_payment
---@field payment_id string Our name for the payment.
---@field merchant_reference string Our reference; put it where the provider lets you search.
---@field amount panelhost.Money How much.
---@field capture "automatic"|"manual" `manual` only authorises.
---@field source { kind: "new"|"saved", method_ref?: string } What is charged.
---@field off_session boolean The customer is not there.
---@field save_method boolean The customer agreed that the method is saved.
---@field method? string One of the manifest's methods.
---@field customer panelhost.Customer Who pays.
---@field invoice panelhost.Invoice What is paid.
---@field return_url? string Where the customer comes back to.
---@field cancel_url? string Where a customer goes who gives up.
---@field expires_at? integer After this the payment is of no use.
---@field metadata? table<string, string> The caller's notes; hand them on if the provider takes any.

---Who pays, as far as the manifest's data scopes allow.
---@class panelhost.Customer
---@field ref string Our name for the customer; stable.
---@field email? string With the scope `client.contact`.
---@field name? string With the scope `client.identity`.
---@field country? string With the scope `client.address`.
---@field address? table<string, string> With the scope `client.address`.

---What is paid.
---@class panelhost.Invoice
---@field id string Our name for the invoice.
---@field number? string The number on the invoice.
---@field description? string A line for the customer's statement.
---@field lines? { description: string, amount: panelhost.Money, quantity?: integer }[] With the scope `invoice.lines`.

---What the provider knows about a payment. The host decides what becomes of it.
---@class panelhost.PaymentResult
---@field status "requires_action"|"processing"|"authorized"|"partially_captured"|"succeeded"|"declined"|"canceled"|"expired" The state that you propose.
---@field provider_payment_id? string The provider's name for the payment.
---@field amount panelhost.Money The amount that the provider has. The host holds it against its own; a difference goes to a person.
---@field captured_minor integer Minor units captured so far.
---@field refunded_minor integer Minor units refunded so far.
---@field fee? panelhost.Money What the provider keeps.
---@field method? panelhost.Method The method used. Never a number, never a CVC.
---@field next_action? panelhost.NextAction What the customer has to do. Give it with `requires_action`.
---@field decline? panelhost.Decline Why it was declined. Give it with `declined`.
---@field expires_at? integer Until when it can be captured or completed.
---@field provider_event_time_ms? integer When the provider last changed it; late news never undo newer ones.
---@field dashboard_url? string A page at the provider, for administrators. https.

---A payment method, as far as it may be shown.
---@class panelhost.Method
---@field ref? string The provider's reference, for saved methods.
---@field type? string `card`, `sepa_debit`…
---@field brand? string `visa`…
---@field last4? string The last four characters of the number.
---@field exp_month? integer Month of expiry.
---@field exp_year? integer Year of expiry.

---Send the customer to a page.
---@class panelhost.NextAction.redirect
---@field type "redirect"
---@field url string The page.

---Post a form from the customer's browser.
---@class panelhost.NextAction.form_post
---@field type "form_post"
---@field url string Where to.
---@field fields table<string, string> The form's fields.

---Go on in the page, with the provider's script.
---@class panelhost.NextAction.client_token
---@field type "client_token"
---@field token string For this payment only.
---@field public_key string The provider's public key for this account; may be empty.
---@field sdk string Which script: `stripe.js`…

---Show lines of text, for example bank details.
---@class panelhost.NextAction.display
---@field type "display"
---@field lines string[] The lines.
---@field qr? string What a QR code shall hold.
---@field expires_at? integer Until when.

---Ask again later.
---@class panelhost.NextAction.wait
---@field type "wait"
---@field poll_after_s integer Seconds.

---What the customer has to do. Links are https and on a host that the manifest declares. Never HTML.
---@alias panelhost.NextAction panelhost.NextAction.redirect|panelhost.NextAction.form_post|panelhost.NextAction.client_token|panelhost.NextAction.display|panelhost.NextAction.wait

---Why a provider or a bank said no.
---@class panelhost.Decline
---@field code "insufficient_funds"|"expired_card"|"card_declined"|"do_not_honor"|"invalid_number"|"invalid_cvc"|"lost_or_stolen"|"suspected_fraud"|"authentication_required"|"authentication_failed"|"limit_exceeded"|"currency_unsupported"|"method_unsupported"|"mandate_revoked"|"duplicate"|"processing_error"|"generic_decline" The reason.
---@field provider_code? string The provider's own code.
---@field provider_message? string The provider's own words.
---@field advice "retry"|"retry_later"|"new_method"|"authenticate"|"do_not_retry"|"stop_recurring" What the caller can do about it.

---@class panelhost.answer.payment_gateway.create_payment : panelhost.PaymentResult
---@field ok true

---Starts a payment. With a saved source it may be over at once; otherwise answer `requires_action` with a `next_action`.
---@alias panelhost.operation.payment_gateway.create_payment fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.create_payment): panelhost.answer.payment_gateway.create_payment|panelhost.Failure

---What `confirm_payment` gets.
---@class panelhost.request.payment_gateway.confirm_payment
---@field payment_id string Our name for the payment.
---@field provider_payment_id string The provider's name for the payment.
---@field return_params table<string, string> What came back with the customer's browser: hints that anybody can forge. Ask the provider.
---@field method_ref? string The method that the page got from the provider's script.

---@class panelhost.answer.payment_gateway.confirm_payment : panelhost.PaymentResult
---@field ok true

---The customer is back. Ask the provider what became of the payment.
---@alias panelhost.operation.payment_gateway.confirm_payment fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.confirm_payment): panelhost.answer.payment_gateway.confirm_payment|panelhost.Failure

---What `get_payment` gets.
---@class panelhost.request.payment_gateway.get_payment
---@field payment_id string Our name for the payment.
---@field merchant_reference string Our reference.
---@field provider_payment_id? string The provider's name; missing when the answer to `create_payment` was lost.

---@class panelhost.answer.payment_gateway.get_payment : panelhost.PaymentResult
---@field ok true

---What does the provider know? The host asks when it must know the truth. Answer the error `not_found` only when the provider is certain.
---@alias panelhost.operation.payment_gateway.get_payment fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.get_payment): panelhost.answer.payment_gateway.get_payment|panelhost.Failure

---What `capture_payment` gets.
---@class panelhost.request.payment_gateway.capture_payment
---@field provider_payment_id string The provider's name for the payment.
---@field amount panelhost.Money How much.

---@class panelhost.answer.payment_gateway.capture_payment : panelhost.PaymentResult
---@field ok true

---Takes an authorised payment, or a part of it.
---@alias panelhost.operation.payment_gateway.capture_payment fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.capture_payment): panelhost.answer.payment_gateway.capture_payment|panelhost.Failure

---What `cancel_payment` gets.
---@class panelhost.request.payment_gateway.cancel_payment
---@field provider_payment_id string The provider's name for the payment.
---@field reason? string Why.

---@class panelhost.answer.payment_gateway.cancel_payment : panelhost.PaymentResult
---@field ok true

---Gives up a payment that is not captured.
---@alias panelhost.operation.payment_gateway.cancel_payment fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.cancel_payment): panelhost.answer.payment_gateway.cancel_payment|panelhost.Failure

---What `refund_payment` gets.
---@class panelhost.request.payment_gateway.refund_payment
---@field refund_id string Our name for the refund.
---@field provider_payment_id string The provider's name for the payment.
---@field amount panelhost.Money How much.
---@field reason "duplicate"|"fraud"|"customer_request"|"other" Why.
---@field note? string In the words of who asked for it.

---What the provider knows about a refund.
---@class panelhost.RefundResult
---@field status "pending"|"succeeded"|"failed"|"canceled" The state that you propose.
---@field provider_refund_id? string The provider's name for the refund.
---@field amount panelhost.Money How much.
---@field failure_reason? string Why it failed, in the provider's words.
---@field provider_event_time_ms? integer When the provider last changed it.

---@class panelhost.answer.payment_gateway.refund_payment : panelhost.RefundResult
---@field ok true

---Gives back money. The host has checked that it is there.
---@alias panelhost.operation.payment_gateway.refund_payment fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.refund_payment): panelhost.answer.payment_gateway.refund_payment|panelhost.Failure

---What `get_refund` gets.
---@class panelhost.request.payment_gateway.get_refund
---@field refund_id string Our name for the refund.
---@field provider_refund_id? string The provider's name; missing when the answer was lost.
---@field provider_payment_id string The provider's name for the payment.

---@class panelhost.answer.payment_gateway.get_refund : panelhost.RefundResult
---@field ok true

---What does the provider know about a refund?
---@alias panelhost.operation.payment_gateway.get_refund fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.get_refund): panelhost.answer.payment_gateway.get_refund|panelhost.Failure

---What `begin_save_method` gets.
---@class panelhost.request.payment_gateway.begin_save_method
---@field customer panelhost.Customer Whose.
---@field return_url? string Where the customer comes back to.

---What `begin_save_method` answers.
---@class panelhost.answer.payment_gateway.begin_save_method
---@field ok true
---@field next_action panelhost.NextAction What the customer has to do.
---@field state? string Comes back in `complete_save_method`; sealed by the host.

---Starts saving a payment method without a payment.
---@alias panelhost.operation.payment_gateway.begin_save_method fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.begin_save_method): panelhost.answer.payment_gateway.begin_save_method|panelhost.Failure

---What `complete_save_method` gets.
---@class panelhost.request.payment_gateway.complete_save_method
---@field state? string What `begin_save_method` answered.
---@field return_params table<string, string> What came back with the customer's browser: hints that anybody can forge. Ask the provider.

---What `complete_save_method` answers.
---@class panelhost.answer.payment_gateway.complete_save_method
---@field ok true
---@field method panelhost.Method The saved method, with its `ref`.

---The customer is back.
---@alias panelhost.operation.payment_gateway.complete_save_method fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.complete_save_method): panelhost.answer.payment_gateway.complete_save_method|panelhost.Failure

---What `delete_method` gets.
---@class panelhost.request.payment_gateway.delete_method
---@field method_ref string Its reference.

---What `delete_method` answers.
---@class panelhost.answer.payment_gateway.delete_method
---@field ok true

---Forgets a saved method at the provider.
---@alias panelhost.operation.payment_gateway.delete_method fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.delete_method): panelhost.answer.payment_gateway.delete_method|panelhost.Failure

---What `verify_webhook` gets.
---@class panelhost.request.payment_gateway.verify_webhook
---@field method string HTTP method.
---@field path string The path, without the token.
---@field query? table<string, string> Query parameters.
---@field headers table<string, string> Headers by lower-case name; those that say nothing about the event are left out.
---@field raw_body string The body, byte by byte.

---What `verify_webhook` answers.
---@class panelhost.answer.payment_gateway.verify_webhook
---@field ok true
---@field verified boolean Whether it does.
---@field event_id? string The provider's name for the event.
---@field occurred_at_ms? integer When it happened.

---Decides whether a request comes from the provider. Cannot write to storage nor send anything that changes state.
---@alias panelhost.operation.payment_gateway.verify_webhook fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.verify_webhook): panelhost.answer.payment_gateway.verify_webhook|panelhost.Failure

---What `parse_webhook` gets.
---@class panelhost.request.payment_gateway.parse_webhook
---@field method string HTTP method.
---@field path string The path, without the token.
---@field query? table<string, string> Query parameters.
---@field headers table<string, string> Headers by lower-case name; those that say nothing about the event are left out.
---@field raw_body string The body, byte by byte.

---What `parse_webhook` answers.
---@class panelhost.answer.payment_gateway.parse_webhook
---@field ok true
---@field events panelhost.Event[] What happened; empty for a type that you have no use for.
---@field reply? { status: integer, body?: string, content_type?: "text/plain"|"application/json" } What the provider wants to hear; 200 without a body when missing.

---What a webhook tells. `result` is a PaymentResult, a RefundResult or a Dispute, by `kind`.
---@class panelhost.Event
---@field kind "payment"|"refund"|"dispute"|"method"|"other" What it is about.
---@field event_id string The provider's name for the event; the host takes each only once.
---@field provider_payment_id? string The provider's name for the payment.
---@field provider_refund_id? string The provider's name for the refund.
---@field merchant_reference? string Our name for the payment, as the provider carried it.
---@field instance_tag? string The `ctx.instance_id` that you put into the payment's metadata.
---@field result? any What the provider now says about it.
---@field occurred_at_ms integer When it happened.

---Reads a request whose signature the host has verified. What it tells is checked against our records, and money is confirmed with `get_payment`.
---@alias panelhost.operation.payment_gateway.parse_webhook fun(ctx: panelhost.Context, req: panelhost.request.payment_gateway.parse_webhook): panelhost.answer.payment_gateway.parse_webhook|panelhost.Failure

---What `validate_config` gets.
---@class panelhost.request.two_factor.validate_config
---@field changed? string[] The settings that have changed.

---@class panelhost.answer.two_factor.validate_config : panelhost.ConfigCheck
---@field ok true

---Tries the settings with read-only calls to the service.
---@alias panelhost.operation.two_factor.validate_config fun(ctx: panelhost.Context, req: panelhost.request.two_factor.validate_config): panelhost.answer.two_factor.validate_config|panelhost.Failure

---What `normalize_destination` gets.
---@class panelhost.request.two_factor.normalize_destination
---@field raw string What the user typed.
---@field country? string Where the user seems to be.

---What `normalize_destination` answers.
---@class panelhost.answer.two_factor.normalize_destination
---@field ok true
---@field destination string The one form.
---@field hint string What may be shown of it.

---Brings what a user typed into the one form that the service takes. Style `delivered`.
---@alias panelhost.operation.two_factor.normalize_destination fun(ctx: panelhost.Context, req: panelhost.request.two_factor.normalize_destination): panelhost.answer.two_factor.normalize_destination|panelhost.Failure

---What `deliver_code` gets.
---@class panelhost.request.two_factor.deliver_code
---@field user_ref string A stable name for the user; says nothing about them.
---@field destination string Where to.
---@field code panelhost.Secret The code, as a handle: put it into a text with `ctx.http.text{…}`.
---@field ttl_s integer Seconds that it is good.
---@field purpose "login"|"step_up"|"admin" What it is for.
---@field locale string The user's language.
---@field brand string Who asks: the name that the user knows.
---@field dedupe_key string The same for the same message: hand it to the service if it takes one.

---What became of a code.
---@class panelhost.DeliverCodeResult
---@field status "accepted"|"rejected"|"deferred" `rejected` means this destination will not work.
---@field delivery_id? string The provider's name for the message.
---@field channel string The way it went.
---@field cost? panelhost.Money What it cost.

---@class panelhost.answer.two_factor.deliver_code : panelhost.DeliverCodeResult
---@field ok true

---Delivers a code. The host made it and will check it; you only ever hold a handle, and cannot approve a sign-in.
---@alias panelhost.operation.two_factor.deliver_code fun(ctx: panelhost.Context, req: panelhost.request.two_factor.deliver_code): panelhost.answer.two_factor.deliver_code|panelhost.Failure

---What `begin_enrollment` gets.
---@class panelhost.request.two_factor.begin_enrollment
---@field user_ref string A stable name for the user; says nothing about them.
---@field display_name string What the user is called.
---@field account_label string What the account is called in an app.
---@field params? table<string, string> What the user typed.

---What `begin_enrollment` answers.
---@class panelhost.answer.two_factor.begin_enrollment
---@field ok true
---@field state string Comes back in the next step; sealed by the host.
---@field display panelhost.Display What the user sees.
---@field expires_at integer Until when.

---A QR code for an authenticator app.
---@class panelhost.Display.otpauth_uri
---@field type "otpauth_uri"
---@field uri string `otpauth://…`.

---A code is on its way.
---@class panelhost.Display.code_sent
---@field type "code_sent"
---@field hint string Where to: `…89`.

---Go on at a page.
---@class panelhost.Display.redirect
---@field type "redirect"
---@field url string The page; on a host that the manifest declares.

---Lines of text.
---@class panelhost.Display.instructions
---@field type "instructions"
---@field lines string[] The lines.

---Options for the browser's WebAuthn call.
---@class panelhost.Display.webauthn_options
---@field type "webauthn_options"
---@field options table<string, any> As the browser takes them.

---What the user sees. Never HTML.
---@alias panelhost.Display panelhost.Display.otpauth_uri|panelhost.Display.code_sent|panelhost.Display.redirect|panelhost.Display.instructions|panelhost.Display.webauthn_options

---Starts enrolling a user.
---@alias panelhost.operation.two_factor.begin_enrollment fun(ctx: panelhost.Context, req: panelhost.request.two_factor.begin_enrollment): panelhost.answer.two_factor.begin_enrollment|panelhost.Failure

---What `complete_enrollment` gets.
---@class panelhost.request.two_factor.complete_enrollment
---@field state string What the last step answered; sealed by the host in between.
---@field response string|panelhost.Secret What the user answered.

---What `complete_enrollment` answers.
---@class panelhost.answer.two_factor.complete_enrollment
---@field ok true
---@field result "active"|"rejected" Whether it worked.
---@field credential_state? string What later challenges need; sealed by the host. Give it with `active`.
---@field label? string What the user calls it.
---@field hint? string What may be shown of it.

---Finishes it with what the user answered.
---@alias panelhost.operation.two_factor.complete_enrollment fun(ctx: panelhost.Context, req: panelhost.request.two_factor.complete_enrollment): panelhost.answer.two_factor.complete_enrollment|panelhost.Failure

---What `begin_challenge` gets.
---@class panelhost.request.two_factor.begin_challenge
---@field user_ref string A stable name for the user; says nothing about them.
---@field credential_state string What enrolment answered; sealed by the host in between.
---@field purpose "login"|"step_up"|"admin" What it is for.
---@field context { ip_prefix?: string, ua_family?: string, country?: string } What the user may be shown about the attempt.
---@field nonce string Belongs to this challenge; must come back with its result.

---What `begin_challenge` answers.
---@class panelhost.answer.two_factor.begin_challenge
---@field ok true
---@field status "ready"|"sent"|"pending" Where it stands.
---@field state string Comes back in the next step; sealed by the host.
---@field display panelhost.Display What the user sees.
---@field expires_at integer Until when.
---@field poll_after_s? integer When to ask.
---@field number_match? string The number that the user has to pick on the other device.

---Asks the user to prove who they are.
---@alias panelhost.operation.two_factor.begin_challenge fun(ctx: panelhost.Context, req: panelhost.request.two_factor.begin_challenge): panelhost.answer.two_factor.begin_challenge|panelhost.Failure

---What `verify_challenge` gets.
---@class panelhost.request.two_factor.verify_challenge
---@field credential_state string What enrolment answered; sealed by the host in between.
---@field state string What the last step answered; sealed by the host in between.
---@field response panelhost.Secret What the user typed, as a handle.
---@field nonce string Belongs to this challenge; must come back with its result.

---What `verify_challenge` answers.
---@class panelhost.answer.two_factor.verify_challenge
---@field ok true
---@field result "accepted"|"rejected" Whether it is right.
---@field matched_counter? integer The counter that matched; the host refuses it a second time.
---@field credential_state? string The new state, if it has changed.

---Checks an answer. The host counts attempts and makes sure that a counter only grows.
---@alias panelhost.operation.two_factor.verify_challenge fun(ctx: panelhost.Context, req: panelhost.request.two_factor.verify_challenge): panelhost.answer.two_factor.verify_challenge|panelhost.Failure

---What `poll_challenge` gets.
---@class panelhost.request.two_factor.poll_challenge
---@field state string What the last step answered; sealed by the host in between.
---@field nonce string Belongs to this challenge; must come back with its result.

---What `poll_challenge` answers.
---@class panelhost.answer.two_factor.poll_challenge
---@field ok true
---@field result "pending"|"accepted"|"rejected"|"expired" Where it stands.

---Asks the service whether the user has answered. Does not count as an attempt.
---@alias panelhost.operation.two_factor.poll_challenge fun(ctx: panelhost.Context, req: panelhost.request.two_factor.poll_challenge): panelhost.answer.two_factor.poll_challenge|panelhost.Failure

---What `cancel_challenge` gets.
---@class panelhost.request.two_factor.cancel_challenge
---@field state string What the last step answered; sealed by the host in between.
---@field nonce string Belongs to this challenge; must come back with its result.

---What `cancel_challenge` answers.
---@class panelhost.answer.two_factor.cancel_challenge
---@field ok true

---Withdraws a challenge. Style `remote`.
---@alias panelhost.operation.two_factor.cancel_challenge fun(ctx: panelhost.Context, req: panelhost.request.two_factor.cancel_challenge): panelhost.answer.two_factor.cancel_challenge|panelhost.Failure

---What `verify_webhook` gets.
---@class panelhost.request.two_factor.verify_webhook
---@field method string HTTP method.
---@field path string The path, without the token.
---@field query? table<string, string> Query parameters.
---@field headers table<string, string> Headers by lower-case name; those that say nothing about the event are left out.
---@field raw_body string The body, byte by byte.

---What `verify_webhook` answers.
---@class panelhost.answer.two_factor.verify_webhook
---@field ok true
---@field verified boolean Whether it does.
---@field event_id? string The provider's name for the event.
---@field occurred_at_ms? integer When it happened.

---Decides whether a request comes from the provider. Cannot write to storage nor send anything that changes state.
---@alias panelhost.operation.two_factor.verify_webhook fun(ctx: panelhost.Context, req: panelhost.request.two_factor.verify_webhook): panelhost.answer.two_factor.verify_webhook|panelhost.Failure

---What `parse_callback` gets.
---@class panelhost.request.two_factor.parse_callback
---@field method string HTTP method.
---@field path string The path, without the token.
---@field query? table<string, string> Query parameters.
---@field headers table<string, string> Headers by lower-case name; those that say nothing about the event are left out.
---@field raw_body string The body, byte by byte.

---What `parse_callback` answers.
---@class panelhost.answer.two_factor.parse_callback
---@field ok true
---@field challenge_ref string Which challenge.
---@field result "accepted"|"rejected"|"expired" Where it stands.
---@field nonce string The nonce of `begin_challenge`; the host believes no result without it.

---Reads a callback whose signature the host has verified.
---@alias panelhost.operation.two_factor.parse_callback fun(ctx: panelhost.Context, req: panelhost.request.two_factor.parse_callback): panelhost.answer.two_factor.parse_callback|panelhost.Failure

---What `revoke_credential` gets.
---@class panelhost.request.two_factor.revoke_credential
---@field credential_state string What enrolment answered; sealed by the host in between.

---What `revoke_credential` answers.
---@class panelhost.answer.two_factor.revoke_credential
---@field ok true

---Forgets a user at the service.
---@alias panelhost.operation.two_factor.revoke_credential fun(ctx: panelhost.Context, req: panelhost.request.two_factor.revoke_credential): panelhost.answer.two_factor.revoke_credential|panelhost.Failure

---What `validate_config` gets.
---@class panelhost.request.notifier.validate_config
---@field changed? string[] The settings that have changed.

---@class panelhost.answer.notifier.validate_config : panelhost.ConfigCheck
---@field ok true

---Tries the settings with read-only calls to the provider.
---@alias panelhost.operation.notifier.validate_config fun(ctx: panelhost.Context, req: panelhost.request.notifier.validate_config): panelhost.answer.notifier.validate_config|panelhost.Failure

---What `list_targets` gets.
---@class panelhost.request.notifier.list_targets
---@field field string The setting.
---@field query? string What was typed so far.
---@field cursor? string `next` of the page before.

---What `list_targets` answers.
---@class panelhost.answer.notifier.list_targets
---@field ok true
---@field options { value: string, label: string }[] The choices.
---@field next? string For the next page.

---Offers what an administrator can choose for a setting: channels, rooms, lists.
---@alias panelhost.operation.notifier.list_targets fun(ctx: panelhost.Context, req: panelhost.request.notifier.list_targets): panelhost.answer.notifier.list_targets|panelhost.Failure

---A notification, rendered and escaped by the host.
---@class panelhost.Message
---@field notification_id string Our name for it.
---@field dedupe_key string The same for the same message: hand it to the provider if it takes one.
---@field event { id: string, type: string, occurred_at_ms: integer } What it is about.
---@field severity "info"|"success"|"warning"|"error"|"critical" How urgent.
---@field title string One line.
---@field body { text: string, html?: string, markdown?: string, blocks?: any[] } The text in the forms that the manifest declares.
---@field url? string Where to read more.
---@field attributes? { label: string, value: string, url?: string, style?: string }[] Facts for a table.
---@field recipient { kind: "address"|"target"|"user", address: string, locale?: string, timezone?: string } Who gets it.
---@field thread_key? string Messages with the same key belong together.
---@field attachments? { name: string, mime: string, size: integer, handle: any }[] Files.
---@field group? { count: integer, first_at_ms: integer, last_at_ms: integer } Set when the message stands for several events.
---@field test boolean Somebody is only trying the settings.

---What became of a notification.
---@class panelhost.DeliveryResult
---@field status "accepted"|"delivered"|"deferred"|"rejected" `accepted`: the provider has it. `delivered`: the recipient has it. `deferred`: try again later. `rejected`: never.
---@field provider_message_ids? string[] The provider's names for what was sent.
---@field retry_after_s? integer Seconds after which to try again; for `deferred`.
---@field rejected_recipients? string[] Recipients that the provider does not take.

---@class panelhost.answer.notifier.send : panelhost.DeliveryResult
---@field ok true

---Sends one notification.
---@alias panelhost.operation.notifier.send fun(ctx: panelhost.Context, req: panelhost.Message): panelhost.answer.notifier.send|panelhost.Failure

---What `send_batch` gets.
---@class panelhost.request.notifier.send_batch
---@field messages panelhost.Message[] The notifications.

---What `send_batch` answers.
---@class panelhost.answer.notifier.send_batch
---@field ok true
---@field results panelhost.DeliveryResult[] One for each message, in the same order.

---Sends several at once.
---@alias panelhost.operation.notifier.send_batch fun(ctx: panelhost.Context, req: panelhost.request.notifier.send_batch): panelhost.answer.notifier.send_batch|panelhost.Failure

---What `get_delivery` gets.
---@class panelhost.request.notifier.get_delivery
---@field provider_message_id string The provider's name for it.

---@class panelhost.answer.notifier.get_delivery : panelhost.DeliveryResult
---@field ok true

---What became of a message?
---@alias panelhost.operation.notifier.get_delivery fun(ctx: panelhost.Context, req: panelhost.request.notifier.get_delivery): panelhost.answer.notifier.get_delivery|panelhost.Failure

---What `verify_webhook` gets.
---@class panelhost.request.notifier.verify_webhook
---@field method string HTTP method.
---@field path string The path, without the token.
---@field query? table<string, string> Query parameters.
---@field headers table<string, string> Headers by lower-case name; those that say nothing about the event are left out.
---@field raw_body string The body, byte by byte.

---What `verify_webhook` answers.
---@class panelhost.answer.notifier.verify_webhook
---@field ok true
---@field verified boolean Whether it does.
---@field event_id? string The provider's name for the event.
---@field occurred_at_ms? integer When it happened.

---Decides whether a request comes from the provider. Cannot write to storage nor send anything that changes state.
---@alias panelhost.operation.notifier.verify_webhook fun(ctx: panelhost.Context, req: panelhost.request.notifier.verify_webhook): panelhost.answer.notifier.verify_webhook|panelhost.Failure

---What `parse_receipt` gets.
---@class panelhost.request.notifier.parse_receipt
---@field method string HTTP method.
---@field path string The path, without the token.
---@field query? table<string, string> Query parameters.
---@field headers table<string, string> Headers by lower-case name; those that say nothing about the event are left out.
---@field raw_body string The body, byte by byte.

---What `parse_receipt` answers.
---@class panelhost.answer.notifier.parse_receipt
---@field ok true
---@field receipts ({ provider_message_id: string, status: "accepted"|"delivered"|"bounced"|"complained"|"failed", occurred_at_ms: integer, reason?: string })[] What happened.

---Reads a receipt whose signature the host has verified.
---@alias panelhost.operation.notifier.parse_receipt fun(ctx: panelhost.Context, req: panelhost.request.notifier.parse_receipt): panelhost.answer.notifier.parse_receipt|panelhost.Failure

