-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- Lays a notification out as Slack blocks, within Slack's limits.
local blocks = {}

-- Slack's own limits: https://api.slack.com/reference/block-kit/blocks
local HEADER, SECTION, FIELD, FIELDS, FALLBACK = 150, 3000, 2000, 10, 3000

local MARK = {
    info = ":information_source:",
    success = ":white_check_mark:",
    warning = ":warning:",
    error = ":x:",
    critical = ":rotating_light:",
}

local ESCAPED = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

-- At most `limit` bytes, never cut inside a character; `escape` maps a character to what is written for it.
-- Slack counts characters, so that counting bytes stays on the safe side.
local function fit(text, limit, escape)
    local whole = escape and text:gsub("[&<>]", escape) or text
    if #whole <= limit then return whole end
    local pieces, length = {}, 0
    for character in text:gmatch("[\0-\x7F\xC2-\xF4][\x80-\xBF]*") do
        local piece = escape and escape[character] or character
        length = length + #piece
        if length > limit - #"…" then break end
        pieces[#pieces + 1] = piece
    end
    return table.concat(pieces) .. "…"
end

-- Text in Slack's markup, with nothing in it that Slack would take for a link, a mention or a command.
local function escaped(text, limit) return fit(text, limit, ESCAPED) end

local function attribute(entry)
    local label, value = escaped(entry.label, 200), escaped(entry.value, FIELD - 300)
    return { type = "mrkdwn", text = "*" .. label .. "*\n" .. value }
end

local function fields(attributes)
    local list = {}
    for position, entry in ipairs(attributes) do
        if position > FIELDS then break end
        list[position] = attribute(entry)
    end
    return { type = "section", fields = panel.array(list) }
end

local function is_link(url) return type(url) == "string" and #url <= 3000 and url:find("^https?://") ~= nil end

local function context(req)
    local text = req.event.type
    if req.group and req.group.count > 1 then text = text .. " · " .. req.group.count .. " times" end
    if req.test then text = text .. " · test" end
    return { type = "context", elements = panel.array { { type = "mrkdwn", text = escaped(text, 300) } } }
end

--- The payload for one notification. `mention` is "nobody", "here" or "channel".
function blocks.payload(req, mention)
    local body = escaped(req.body.text, SECTION - 20)
    if req.severity == "critical" and (mention == "here" or mention == "channel") then body = "<!" .. mention .. "> " .. body end

    local list = {
        { type = "header", text = { type = "plain_text", text = fit((MARK[req.severity] or "") .. " " .. req.title, HEADER), emoji = true } },
        { type = "section", text = { type = "mrkdwn", text = body } },
    }
    if req.attributes and #req.attributes > 0 then list[#list + 1] = fields(req.attributes) end
    if is_link(req.url) then
        local button = { type = "button", text = { type = "plain_text", text = "Open" }, url = req.url }
        list[#list + 1] = { type = "actions", elements = panel.array { button } }
    end
    list[#list + 1] = context(req)
    return { text = escaped(req.title, FALLBACK), blocks = panel.array(list), unfurl_links = false }
end

return blocks
