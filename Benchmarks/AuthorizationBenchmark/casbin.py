# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
"""The policy of AuthorizationBenchmark in casbin (Tests/requirements.txt): .venv/bin/python Benchmarks/AuthorizationBenchmark/casbin.py"""
import sys
import time

sys.path.pop(0)  # this file has the library's name
import casbin  # noqa: E402

MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
"""

for rules in (100, 1_000, 10_000, 100_000):
    roles = min(rules, 10_000)
    model = casbin.Enforcer.new_model(text=MODEL)
    enforcer = casbin.Enforcer(model)
    enforcer.enable_log(False) if hasattr(enforcer, "enable_log") else None
    enforcer.add_policies([[f"R{i % roles}", f"d{i // 10}", "read"] for i in range(rules)])
    enforcer.add_grouping_policies([[f"u{i}", f"R{i}"] for i in range(roles)])
    count, start = 0, time.perf_counter()
    while count < 3 or time.perf_counter() - start < 2:
        rule = count * 7919 % rules
        enforcer.enforce(f"u{(rule % roles + count % 2) % roles}", f"d{rule // 10}", "read")
        count += 1
    print(f"{rules} rules: {(time.perf_counter() - start) / count * 1e9:.0f} ns a check", flush=True)
