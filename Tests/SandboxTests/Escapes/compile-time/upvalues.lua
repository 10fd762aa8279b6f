-- SPDX-License-Identifier: Apache-2.0
-- Copyright 2026 The Panelhost Authors
-- Attack: 256 upvalues of one closure.
-- Expect: refused
-- Message: upvalues
local a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59
local a60, a61, a62, a63, a64, a65, a66, a67, a68, a69, a70, a71, a72, a73, a74, a75, a76, a77, a78, a79, a80, a81, a82, a83, a84, a85, a86, a87, a88, a89, a90, a91, a92, a93, a94, a95, a96, a97, a98, a99, a100, a101, a102, a103, a104, a105, a106, a107, a108, a109, a110, a111, a112, a113, a114, a115, a116, a117, a118, a119
local a120, a121, a122, a123, a124, a125, a126, a127, a128, a129, a130, a131, a132, a133, a134, a135, a136, a137, a138, a139, a140, a141, a142, a143, a144, a145, a146, a147, a148, a149, a150, a151, a152, a153, a154, a155, a156, a157, a158, a159, a160, a161, a162, a163, a164, a165, a166, a167, a168, a169, a170, a171, a172, a173, a174, a175, a176, a177, a178, a179
local function inner()
local b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18, b19, b20, b21, b22, b23, b24, b25, b26, b27, b28, b29, b30, b31, b32, b33, b34, b35, b36, b37, b38, b39, b40, b41, b42, b43, b44, b45, b46, b47, b48, b49, b50, b51, b52, b53, b54, b55, b56, b57, b58, b59, b60, b61, b62, b63, b64, b65, b66, b67, b68, b69, b70, b71, b72, b73, b74, b75, b76, b77, b78, b79, b80, b81, b82, b83, b84, b85, b86, b87, b88, b89, b90, b91, b92, b93, b94, b95, b96, b97, b98, b99
return function()
local x
x = a0 x = a1 x = a2 x = a3 x = a4 x = a5 x = a6 x = a7 x = a8 x = a9 x = a10 x = a11 x = a12 x = a13
x = a14 x = a15 x = a16 x = a17 x = a18 x = a19 x = a20 x = a21 x = a22 x = a23 x = a24 x = a25 x = a26 x = a27
x = a28 x = a29 x = a30 x = a31 x = a32 x = a33 x = a34 x = a35 x = a36 x = a37 x = a38 x = a39 x = a40 x = a41
x = a42 x = a43 x = a44 x = a45 x = a46 x = a47 x = a48 x = a49 x = a50 x = a51 x = a52 x = a53 x = a54 x = a55
x = a56 x = a57 x = a58 x = a59 x = a60 x = a61 x = a62 x = a63 x = a64 x = a65 x = a66 x = a67 x = a68 x = a69
x = a70 x = a71 x = a72 x = a73 x = a74 x = a75 x = a76 x = a77 x = a78 x = a79 x = a80 x = a81 x = a82 x = a83
x = a84 x = a85 x = a86 x = a87 x = a88 x = a89 x = a90 x = a91 x = a92 x = a93 x = a94 x = a95 x = a96 x = a97
x = a98 x = a99 x = a100 x = a101 x = a102 x = a103 x = a104 x = a105 x = a106 x = a107 x = a108 x = a109 x = a110 x = a111
x = a112 x = a113 x = a114 x = a115 x = a116 x = a117 x = a118 x = a119 x = a120 x = a121 x = a122 x = a123 x = a124 x = a125
x = a126 x = a127 x = a128 x = a129 x = a130 x = a131 x = a132 x = a133 x = a134 x = a135 x = a136 x = a137 x = a138 x = a139
x = a140 x = a141 x = a142 x = a143 x = a144 x = a145 x = a146 x = a147 x = a148 x = a149 x = a150 x = a151 x = a152 x = a153
x = a154 x = a155 x = a156 x = a157 x = a158 x = a159 x = a160 x = a161 x = a162 x = a163 x = a164 x = a165 x = a166 x = a167
x = a168 x = a169 x = a170 x = a171 x = a172 x = a173 x = a174 x = a175 x = a176 x = a177 x = a178 x = a179 x = b0 x = b1
x = b2 x = b3 x = b4 x = b5 x = b6 x = b7 x = b8 x = b9 x = b10 x = b11 x = b12 x = b13 x = b14 x = b15
x = b16 x = b17 x = b18 x = b19 x = b20 x = b21 x = b22 x = b23 x = b24 x = b25 x = b26 x = b27 x = b28 x = b29
x = b30 x = b31 x = b32 x = b33 x = b34 x = b35 x = b36 x = b37 x = b38 x = b39 x = b40 x = b41 x = b42 x = b43
x = b44 x = b45 x = b46 x = b47 x = b48 x = b49 x = b50 x = b51 x = b52 x = b53 x = b54 x = b55 x = b56 x = b57
x = b58 x = b59 x = b60 x = b61 x = b62 x = b63 x = b64 x = b65 x = b66 x = b67 x = b68 x = b69 x = b70 x = b71
x = b72 x = b73 x = b74 x = b75 x = b76 x = b77 x = b78 x = b79 x = b80 x = b81 x = b82 x = b83 x = b84 x = b85
x = b86 x = b87 x = b88 x = b89 x = b90 x = b91 x = b92 x = b93 x = b94 x = b95 x = b96 x = b97 x = b98 x = b99
end
end
return {}
