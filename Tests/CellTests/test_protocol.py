# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
import os
import signal
import socket
import struct
import time

import wire
from cases import CellCase, SANITIZED
from wire import CALL, CANCEL, FAULT, HOSTCALL, LOAD, REPLY, RESULT, encode, frame

PROGRAM = """
local count = 0
return {
    ping = function() return "pong" end,
    leak = function() count = count + 1 G = (G or 0) + 1 string.foo = (string.foo or 0) + 1 return {count, G, string.foo} end,
    twice = function(ctx, request) local x = ctx.storage.get(request) count = count + 1 return {request, x, ctx.storage.get(x), count} end,
    wait = function(ctx) return ctx.storage.get("w") end,
    loop = function() while true do end end,
}
"""
BUDGET = {"cpu_us": 100_000, "host_calls": 10, "log_bytes": 1000}
CONTEXT = {"ctx": {}, "functions": ["storage.get"]}
GOOD_LOAD = {"files": [["main.lua", "return {}"]], "entry": "main.lua", "memory": 1 << 20, "states": 2}


def raw(*elements, count=None):
    """A frame of elements that are encoded already."""
    body = bytes([0x90 | (len(elements) if count is None else count)]) + b"".join(elements)
    return struct.pack("<I", len(body)) + body


def call(id=1, operation="ping", context=CONTEXT, request=None, budget=BUDGET):
    return [CALL, id, operation, context, request, budget]


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def load_with(**members):
    return frame(LOAD, 0, {**GOOD_LOAD, **members})


BEFORE_LOAD = {
    "an empty frame": struct.pack("<I", 0),
    "a frame that is too long": struct.pack("<I", (1 << 20) + 1),
    "no array": struct.pack("<I", 1) + b"\x01",
    "an empty array": raw(),
    "an unknown type": frame(99, 0),
    "a type that is a text": frame("1", 0),
    "a frame of the cell's own": frame(RESULT, 1, None, {}),
    "a call before the program": frame(*call()),
    "no entry": frame(LOAD, 0, {key: value for key, value in GOOD_LOAD.items() if key != "entry"}),
    "no files": load_with(files=[]),
    "65 files": load_with(files=[[f"{n}.lua", ""] for n in range(65)]),
    "a file without source": load_with(files=[["main.lua"]]),
    "a file without name": load_with(files=[["", "return {}"]]),
    "a name with a zero byte": load_with(files=[["a\0b", "return {}"]]),
    "a name of 101 bytes": load_with(files=[["x" * 101, "return {}"]]),
    "no states": load_with(states=0),
    "257 states": load_with(states=257),
    "too little memory": load_with(memory=1000),
    "memory that is a text": load_with(memory="4 MiB"),
    "no time to load": load_with(cpu_us=0),
    "a load with four elements": frame(LOAD, 0, GOOD_LOAD, 1),
    "an array that is cut off": raw(encode(LOAD), encode(0), count=3),
    "bytes after the frame's value": struct.pack("<I", len(encode([LOAD, 0, GOOD_LOAD])) + 1) + encode([LOAD, 0, GOOD_LOAD]) + b"\xc0",
}
AFTER_LOAD = {
    "a second program": frame(LOAD, 0, GOOD_LOAD),
    "a call with five elements": frame(*call()[:-1]),
    "a negative id": frame(*call(id=-1)),
    "an id of 33 bits": frame(*call(id=1 << 32)),
    "an operation that is no text": frame(*call(operation=5)),
    "a context that is too deep": frame(*call(context=nested(40))),
    "a request that is too deep": frame(*call(request=nested(33))),
    "a request with too many nodes": frame(*call(request=[1] * 10_001)),
    "a request that is too large": frame(*call(request="x" * (256 * 1024 + 1))),
    "a key that is no text": raw(*map(encode, call()[:4]), b"\x81\x01\x01", encode(BUDGET)),
    "an extension that does not exist": raw(*map(encode, call()[:4]), b"\xd4\x02\x00", encode(BUDGET)),
    "a secret that is no array": raw(*map(encode, call()[:4]), b"\xc7\x01\x01\xc0", encode(BUDGET)),
    "an unused byte of the format": raw(*map(encode, call()[:4]), b"\xc1", encode(BUDGET)),
    "an integer of more than 63 bits": raw(*map(encode, call()[:4]), b"\xcf" + b"\xff" * 8, encode(BUDGET)),
    "a budget without CPU time": frame(*call(budget={"host_calls": 1, "log_bytes": 1})),
    "a negative budget": frame(*call(budget={**BUDGET, "cpu_us": -1})),
    "an instruction limit of zero": frame(*call(budget={**BUDGET, "instructions": 0})),
    "an instruction limit that is a text": frame(*call(budget={**BUDGET, "instructions": "9"})),
    "a reply that is neither good nor bad": frame(REPLY, 1, 1, None),
    "a reply with three elements": frame(REPLY, 1, True),
    "a cancel with three elements": frame(CANCEL, 1, 1),
    "a frame of 600 KiB": frame(CANCEL, 1, "x" * (600 * 1024)),
    "an id in use": frame(*call(7, "wait")) + frame(*call(7, "wait")),
    "an array head of four billion": raw(*map(encode, call()[:4]), b"\xdd\xff\xff\xff\xff", encode(BUDGET)),
}


class ProtocolTests(CellCase):
    def end_after(self, data, loaded):
        """How a cell ends that receives these bytes and then the end."""
        cell = self.zygote.spawn()
        if loaded:
            self.assertEqual(cell.load(PROGRAM)[0], wire.LOADED)
        try:
            cell.stream.sendall(data)
            cell.stream.shutdown(socket.SHUT_WR)
            while cell.stream.recv(1 << 16):
                pass
        except OSError:
            pass
        return cell.close()

    def test_a_malformed_frame_ends_the_cell(self):
        for loaded, frames in ((False, BEFORE_LOAD), (True, AFTER_LOAD)):
            for name, data in frames.items():
                with self.subTest(name):
                    self.assertEqual(self.end_after(data, loaded), 65)

    def test_mutated_frames_end_the_cell_in_order(self):
        originals = [frame(*call(request={"a": [1, 2.5, "x"]})), frame(REPLY, 1, True, "x"), frame(CANCEL, 1), frame(LOAD, 0, GOOD_LOAD)]
        for attempt in range(100 if SANITIZED else 300):
            data = bytearray(self.random.choice(originals))
            if self.random.random() < 0.3:
                data = bytearray(self.random.randbytes(self.random.randint(1, 200)))
            for _ in range(self.random.randint(1, 4)):
                data[self.random.randrange(len(data))] = self.random.choice([0, 0xFF, 0xC1, 0xDF, 0xDD, 0xDB, self.random.randrange(256)])
            self.assertIn(self.end_after(bytes(data), attempt % 2), (0, 65), bytes(data))

    def test_frames_may_be_cut_anywhere(self):
        cell = self.cell(PROGRAM)
        data = frame(*call(1, "leak", request={"a": [1, 2, "x" * 300]}))
        for cut in range(1, len(data), 7):
            cell.stream.sendall(data[:cut])
            time.sleep(0)
            cell.stream.sendall(data[cut:])
            self.assertResult(cell.receive(), [1, 1, 1])

    def test_no_call_sees_another(self):
        cell = self.cell(PROGRAM)
        for _ in range(3):
            self.assertResult(cell.call("leak"), [1, 1, 1])

    def test_calls_overlap_in_any_order(self):
        cell = self.cell(PROGRAM, states=16)
        for count in (16, 60, 1):
            cell.send(*[call(id, "twice", request=f"r{id}") for id in range(count)])
            done, waiting = {}, []
            while len(done) < count:
                answer = cell.receive()
                (waiting.append if answer[0] == HOSTCALL else lambda a: done.update({a[1]: a}))(answer)
                if waiting and (self.random.random() < 0.3 or len(waiting) >= min(16, count - len(done))):
                    self.random.shuffle(waiting)
                    cell.send(*[[REPLY, a[1], True, f"<{a[3][0]}>"] for a in waiting])
                    waiting = []
            for id, answer in done.items():
                self.assertResult(answer, [f"r{id}", f"<r{id}>", f"<<r{id}>>", 1])

    def test_calls_replies_and_cancels_in_any_order_end_each_call_once(self):
        cell = self.cell(PROGRAM, states=4)
        running, next_id = set(), 1
        for _ in range(150 if SANITIZED else 600):
            frames = []
            for _ in range(self.random.randint(1, 6)):
                action = self.random.random()
                if action < 0.5 and len(running) < 40:
                    frames.append(call(next_id, self.random.choice(["ping", "wait", "wait", "twice"]), request="x"))
                    running.add(next_id)
                    next_id += 1
                elif running:
                    id = self.random.choice(sorted(running))
                    # A reply to a call that waits for none is ignored.
                    frames.append([CANCEL, id] if action < 0.6 else [REPLY, id, self.random.random() < 0.9, {"message": "m"}])
            # The last of them is answered in any case, at once when no state is free.
            cell.send(*frames, call(0, "ping"), [CANCEL, 0])
            while True:
                answer = cell.receive()
                if answer[0] == HOSTCALL:
                    self.assertIn(answer[1], running)
                elif answer[1] == 0:
                    break
                elif answer[0] in (RESULT, FAULT):
                    running.remove(answer[1])
            if len(running) >= 30:
                cell.send(*[[CANCEL, id] for id in running])
                while running:
                    answer = cell.receive()
                    if answer[0] in (RESULT, FAULT):
                        running.remove(answer[1])
        cell.send(*[[CANCEL, id] for id in running])
        while running:
            answer = cell.receive()
            if answer[0] in (RESULT, FAULT):
                running.remove(answer[1])

    def test_a_call_that_waits_for_a_state_can_be_cancelled(self):
        cell = self.cell(PROGRAM, states=1)
        cell.send(call(1, "wait"), call(2, "wait"), call(3, "ping"), [CANCEL, 2], [REPLY, 1, True, "late"])
        self.assertEqual([cell.receive()[:3] for _ in range(4)], [
            [HOSTCALL, 1, "storage.get"], [FAULT, 2, "cancelled"], [RESULT, 1, "late"], [RESULT, 3, "pong"],
        ])

    def test_the_queue_closes_its_holes_and_has_an_end(self):
        cell = self.cell(PROGRAM, states=1)
        large = "x" * (200 * 1024)
        cell.send(call(1, "wait"), call(2, "ping"))
        self.assertEqual(cell.receive()[0], HOSTCALL)
        # Together more than the queue holds, but each is cancelled.
        for id in range(100, 300):
            cell.send(call(id, "ping", request=large), [CANCEL, id])
            self.assertEqual(cell.receive()[:3], [FAULT, id, "cancelled"])
        cell.send(*[call(id, "ping", request=large) for id in range(3, 50)], [REPLY, 1, True, None])
        self.assertEqual([cell.receive()[1] for _ in range(49)], list(range(1, 50)))
        overflow = b"".join(frame(*call(id, "wait", request=large)) for id in range(1, 100))
        self.assertEqual(self.end_after(overflow, True), 65)

    def test_a_finished_result_does_not_wait_for_the_next_call(self):
        cell = self.cell(PROGRAM)
        budget = {**BUDGET, "cpu_us": 1_000_000}
        cell.send(call(1, "ping"), call(2, "loop", budget=budget))
        start = time.monotonic()
        self.assertResult(cell.receive(), "pong")
        first = time.monotonic() - start
        self.assertFault(cell.receive(), "cpu")
        self.assertLess(first, (time.monotonic() - start) / 2)

    def test_cells_die_with_the_zygote(self):
        zygote = wire.Zygote(os.environ["CELL"])
        cell = zygote.spawn()
        os.kill(zygote.pid, signal.SIGKILL)
        self.assertRaises((EOFError, ConnectionError), cell.receive)
        self.assertEqual(zygote.close(), -signal.SIGKILL)

    def test_the_zygote_refuses_a_malformed_packet(self):
        for packet in (b"", b"x", struct.pack("<IIQII", 9, 1, 0, 0, 0), struct.pack("<IIQII", 1, 1, 0, 0, 0) + b"x"):
            zygote = wire.Zygote(os.environ["CELL"])
            zygote.control.send(packet)
            self.assertEqual(zygote.close(), 0)
