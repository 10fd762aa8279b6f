-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

return {
    validate_config = function(ctx, req)
        return { ok = true, warnings = {} }
    end,

    send = function(ctx, req)
        local response, err = ctx.http.post(ctx.secret.url, { json = { text = req.title .. ": " .. req.body.text } })
        if not response then return { ok = false, error = err } end
        if response.status ~= 200 then
            return { ok = false, error = { code = "provider_error", message = "HTTP " .. response.status, retryable = true } }
        end
        return { ok = true, status = "accepted", provider_message_ids = {} }
    end,
}
