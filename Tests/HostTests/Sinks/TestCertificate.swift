// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Panelhost Authors

/// A receiver's certificate for `localhost`, made for these tests and trusted by nothing else.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPlxklm6uKlrs5Rr
        gxlnr+kehwxhQ4aG7KRrquI5PXWCQKKcftTA5h8vxSzEEBJTNWGj1QuZdpOnB5XX
        47dOgfqjSDBGMA8GA1UdEwEB/wQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0
        MB0GA1UdDgQWBBSoEBAu0rWEMXcQ9opOopDHy8knYDAKBggqhkjOPQQDAgNIADBF
        AiBKl7idMTeDa5rh6ce1KQ225HzKsbtaksdJP0a9ob3riAIhANxJwBK+dekRBJB/
        ivM/q2OzNqE0pRJmNQ1Q31fI+kT7
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSN2WnAZBlj4kSl5r
        QjtTwkj04DJwZt2XO0uc1f0Sk96hRANCAAT5cZJZuripa7OUa4MZZ6/pHocMYUOG
        huyka6riOT11gkCinH7UwOYfL8UsxBASUzVho9ULmXaTpweV1+O3ToH6
        -----END PRIVATE KEY-----
        """
}
