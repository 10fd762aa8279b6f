# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
"""The host's end of both protocols in docs/frames.md, as simple as it can be."""

import array
import os
import socket
import struct

LOAD, CALL, REPLY, CANCEL = 1, 2, 3, 4
READY, LOADED, LOAD_FAILED, HOSTCALL, RESULT, FAULT, LOG = range(16, 23)
SPAWN, SPAWNED, EXITED, HELLO = 1, 2, 3, 4


def encode(value):
    """MessagePack, the shortest form of each value."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        if -32 <= value < 128:
            return struct.pack("b", value)
        return b"\xcf" + struct.pack(">Q", value) if value > 0 else b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        value = value.encode(errors="surrogateescape")
    if isinstance(value, bytes):
        return head(len(value), (31, 0xA0), (0xFF, 0xD9, ">B"), (0xFFFF, 0xDA, ">H"), (0xFFFFFFFF, 0xDB, ">I")) + value
    if isinstance(value, (list, tuple)):
        return head(len(value), (15, 0x90), (0xFFFF, 0xDC, ">H")) + b"".join(map(encode, value))
    pairs = b"".join(encode(key) + encode(member) for key, member in value.items())
    return head(len(value), (15, 0x80), (0xFFFF, 0xDE, ">H")) + pairs


def head(size, fixed, *forms):
    if size <= fixed[0]:
        return bytes([fixed[1] | size])
    for most, mark, layout in forms:
        if size <= most:
            return bytes([mark]) + struct.pack(layout, size)
    raise ValueError(size)


def decode(data, at=0):
    """One value of what a cell writes, and where it ends."""
    byte = data[at]
    at += 1
    if byte < 0x80 or byte >= 0xE0:
        return struct.unpack("b", bytes([byte]))[0], at
    if byte < 0x90:
        return decode_map(data, at, byte & 15)
    if byte < 0xA0:
        return decode_list(data, at, byte & 15)
    if byte < 0xC0:
        return decode_text(data, at, byte & 31)
    if byte in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[byte], at
    if byte in (0xC7, 0xC8):
        size, at = number(data, at, ">B" if byte == 0xC7 else ">H")
        return ("secret", bytes(data[at + 1 : at + 1 + size])), at + 1 + size
    layout = {0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}.get(byte)
    if layout:
        return number(data, at, layout)
    layout, follow = {
        0xD9: (">B", decode_text), 0xDA: (">H", decode_text), 0xDB: (">I", decode_text),
        0xDC: (">H", decode_list), 0xDD: (">I", decode_list), 0xDE: (">H", decode_map), 0xDF: (">I", decode_map),
    }[byte]
    size, at = number(data, at, layout)
    return follow(data, at, size)


def number(data, at, layout):
    return struct.unpack_from(layout, data, at)[0], at + struct.calcsize(layout)


def decode_text(data, at, size):
    text = bytes(data[at : at + size])
    assert len(text) == size, "a text that is cut off"
    return text.decode(errors="surrogateescape"), at + size


def decode_list(data, at, size):
    items = []
    for _ in range(size):
        item, at = decode(data, at)
        items.append(item)
    return items, at


def decode_map(data, at, size):
    members = {}
    for _ in range(size):
        key, at = decode(data, at)
        members[key], at = decode(data, at)
    return members, at


def frame(*elements):
    body = encode(elements)
    return struct.pack("<I", len(body)) + body


class Zygote:
    """A running SandboxCell that forks cells."""

    def __init__(self, executable):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        os.set_inheritable(theirs.fileno(), True)
        environment = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        self.pid = os.posix_spawn(executable, [executable], environment, file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 3)])
        theirs.close()
        self.control = ours
        self.exits = {}
        self.sequence = 0
        kind, version, self.layers, pid = struct.unpack("<IIII", ours.recv(100))
        assert (kind, version, pid) == (HELLO, 1, self.pid)

    def spawn(self, address_space=0, cpu_seconds=0):
        ours, theirs = socket.socketpair()
        self.sequence += 1
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
        self.control.sendmsg([struct.pack("<IIQII", SPAWN, self.sequence, address_space, cpu_seconds, 0)], rights)
        theirs.close()
        message = self.receive()
        while message[0] != SPAWNED:
            message = self.receive()
        assert message[1] == self.sequence and message[3] == 0, message
        return Cell(self, ours, message[2])

    def receive(self):
        message, rights, _, _ = self.control.recvmsg(200, socket.CMSG_SPACE(16))
        for _, _, descriptor in rights:
            os.close(struct.unpack("i", descriptor[:4])[0])
        if len(message) == 16:
            return struct.unpack("<IIii", message)
        kind, _, pid, status, _, _ = struct.unpack("<IIiiQQ", message)
        self.exits[pid] = status
        return kind, 0, pid, status

    def exit_of(self, cell):
        """The exit code of a cell, or the signal that ended it as a negative number."""
        self.control.settimeout(20)
        while cell.pid not in self.exits:
            self.receive()
        self.control.settimeout(None)
        return os.waitstatus_to_exitcode(self.exits.pop(cell.pid))

    def close(self):
        self.control.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Cell:
    """One cell. Everything that it wrote is kept, for tests that compare bytes."""

    def __init__(self, zygote, stream, pid):
        self.zygote, self.stream, self.pid = zygote, stream, pid
        self.pending, self.written, self.calls = b"", b"", 0
        ready = self.receive()
        assert ready[0] == READY, ready
        self.layers = ready[2]

    def send(self, *frames):
        self.stream.sendall(b"".join(frame(*one) for one in frames))

    def receive(self, timeout=60):
        self.stream.settimeout(timeout)
        while True:
            if len(self.pending) >= 4:
                size = struct.unpack_from("<I", self.pending)[0]
                if len(self.pending) >= 4 + size:
                    value, end = decode(self.pending, 4)
                    assert end == 4 + size, "bytes after a frame's value"
                    self.pending = self.pending[end:]
                    return value
            data = self.stream.recv(1 << 20)
            if not data:
                raise EOFError
            self.pending += data
            self.written += data

    def load(self, source, memory=4 << 20, states=8, cpu_us=1_000_000, files=None):
        sources = [["main.lua", source]] + [[name, text] for name, text in (files or {}).items()]
        self.send([LOAD, 0, {"files": sources, "entry": "main.lua", "memory": memory, "states": states, "cpu_us": cpu_us}])
        return self.receive()

    def start(self, operation, request=None, cpu_ms=100, host_calls=100, log_bytes=65536, instructions=None, id=None):
        """Sends a CALL and gives its id."""
        self.calls += 1
        id = self.calls if id is None else id
        budget = {"cpu_us": cpu_ms * 1000, "host_calls": host_calls, "log_bytes": log_bytes}
        if instructions is not None:
            budget["instructions"] = instructions
        context = {
            "ctx": {"call_id": f"call-{id}", "now_ms": 1_700_000_000_000, "config": {"a": 1, "list": [1, 2, 3]}, "mode": "test"},
            "secrets": {"declared": ["api_key"], "set": ["api_key"]},
            "functions": ["http.request", "storage.get", "storage.set", "random.bytes"],
            "denied": {},
        }
        self.send([CALL, id, operation, context, request, budget])
        return id

    def call(self, operation, request=None, host=lambda name, arguments: arguments, **limits):
        """The RESULT or FAULT of one call; `host` answers host calls."""
        id = self.start(operation, request, **limits)
        while True:
            answer = self.receive()
            assert answer[1] == id, answer
            if answer[0] == HOSTCALL:
                self.send([REPLY, id, True, host(answer[2], answer[3])])
            elif answer[0] != LOG:
                return answer

    def close(self):
        self.stream.close()
        return self.zygote.exit_of(self)
