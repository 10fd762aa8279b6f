// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors
#pragma once
#include <openssl/evp.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

// An OSSL_PARAM keeps the pointer to its name. Swift imports the names as strings, whose bytes it lends for one call only,
// so lists of parameters are put together here.

static inline int panelhost_hmac_set_digest(EVP_MAC_CTX *context, const char *digest) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(context, parameters);
}

static inline int panelhost_hkdf_derive(
    EVP_KDF_CTX *context, const char *digest, const void *key, size_t key_length, const void *salt, size_t salt_length,
    const void *info, size_t info_length, unsigned char *output, size_t output_length) {
    OSSL_PARAM parameters[5], *next = parameters;
    *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0);
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_length);
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_length);
    if (salt_length > 0) *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_length);
    *next = OSSL_PARAM_construct_end();
    return EVP_KDF_derive(context, output, output_length, parameters);
}
