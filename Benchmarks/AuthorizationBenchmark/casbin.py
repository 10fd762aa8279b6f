# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
"""AuthorizationBenchmark beside casbin (Tests/requirements.txt) with the same policy, in one run and one table.

    .venv/bin/python Benchmarks/AuthorizationBenchmark/casbin.py .build/release/AuthorizationBenchmark
"""
import re
import subprocess
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



def theirs(rules):
    """Nanoseconds that casbin takes for a check."""
    roles = min(rules, 10_000)
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=MODEL))
    if hasattr(enforcer, "enable_log"):
        enforcer.enable_log(False)
    enforcer.add_policies([[f"R{i % roles}", f"d{i // 10}", "read"] for i in range(rules)])
    enforcer.add_grouping_policies([[f"u{i}", f"R{i}"] for i in range(roles)])
    count, start = 0, time.perf_counter()
    while count < 3 or time.perf_counter() - start < 2:
        rule = count * 7919 % rules
        enforcer.enforce(f"u{(rule % roles + count % 2) % roles}", f"d{rule // 10}", "read")
        count += 1
    return (time.perf_counter() - start) / count * 1e9


run = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=True)
print("| rules | a check | casbin | ratio | compiled in |\n|---|---|---|---|---|", flush=True)
for rules, ours, compiled in re.findall(r"^(\d+) rules: (\d+) ns .*compiled in (\d+) ms", run.stdout, re.MULTILINE):
    other = theirs(int(rules))
    print(f"| {int(rules):,} | {ours} ns | {other / 1e6:.2f} ms | {other / max(int(ours), 1):,.0f} | {compiled} ms |", flush=True)
