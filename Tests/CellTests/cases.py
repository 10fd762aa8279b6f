# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Panelhost Authors
"""What the suites share: the cell under test, a seed that is printed, and programs in short form."""

import os
import random
import unittest

import wire

EXECUTABLE = os.environ["CELL"]
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
SANITIZED = "sanitized" in os.path.basename(EXECUTABLE)


def operation(body, before=""):
    """A program whose operation `op` has this body, and which answers `ping`."""
    return f'{before} return {{ping = function() return "pong" end, op = function(ctx, request) {body} end}}'


class CellCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zygote = wire.Zygote(EXECUTABLE)

    @classmethod
    def tearDownClass(cls):
        assert cls.zygote.close() == 0, "the zygote failed"

    def setUp(self):
        self.random = random.Random(f"{SEED} {self.id()}")
        self.cells = []

    def tearDown(self):
        for cell in self.cells:
            if cell.stream.fileno() >= 0:
                self.assertEqual(cell.close(), 0, "how the cell ended")

    def cell(self, source=None, loads=True, **load):
        """A cell, which must end well, that has loaded the program."""
        cell = self.zygote.spawn()
        self.cells.append(cell)
        if source is not None:
            self.loaded = cell.load(source, **load)
            self.assertEqual(self.loaded[0], wire.LOADED if loads else wire.LOAD_FAILED, self.loaded)
        return cell

    def run_body(self, body, before="", **limits):
        """What a call of an operation with this body ends with; the next call must find a clean state."""
        cell = self.cell(operation(body, before))
        answer = cell.call("op", **limits)
        self.assertEqual(cell.call("ping")[2], "pong")
        return answer

    def assertFault(self, answer, kind, text=""):
        self.assertEqual(answer[0], wire.FAULT, answer)
        self.assertEqual(answer[2], kind, answer)
        self.assertIn(text, answer[3])

    def assertResult(self, answer, value):
        self.assertEqual((answer[0], answer[2]), (wire.RESULT, value), answer)
