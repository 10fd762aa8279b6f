-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors

--- The text of the message, by language. Only characters of the GSM alphabet, so that it fits one segment.
local messages = {}

-- What comes between brand and code, and what comes after the code; %d is minutes.
local TEXTS = {
    en = { before = ": your code is ", after = ". It expires in %d min. Never share it." },
    de = { before = ": Ihr Code ist ", after = ". Er gilt %d Min. Geben Sie ihn nie weiter." },
    es = { before = ": su codigo es ", after = ". Caduca en %d min. No lo comparta." },
    fr = { before = ": votre code est ", after = ". Il expire dans %d min. Ne le partagez jamais." },
    it = { before = ": il tuo codice è ", after = ". Scade tra %d min. Non condividerlo." },
    nl = { before = ": uw code is ", after = ". Geldig voor %d min. Deel deze nooit." },
    pl = { before = ": kod to ", after = ". Wygasa za %d min. Nikomu go nie podawaj." },
    pt = { before = ": o seu codigo e ", after = ". Expira em %d min. Nunca o partilhe." },
}

--- The texts around the code for a locale such as "de-AT"; English where there is no other.
function messages.around(locale, brand, ttl_s)
    local texts = TEXTS[(locale or ""):sub(1, 2):lower()] or TEXTS.en
    local minutes = math.max(1, ttl_s // 60)
    return brand .. texts.before, texts.after:format(minutes)
end

return messages
