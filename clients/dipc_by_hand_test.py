#!/usr/bin/python3 -B
"""Tests of the server with what a person uses: telnet, and a client that frames nothing.

Both are run in a terminal and typed at, a line after the answer to the one before, as the page of
the lab shows it.
"""

import os
import pathlib
import pty
import select
import subprocess
import sys
import time
import unittest

from dipc_testing import PATIENCE_S, Server

SIMPLE_CLIENT = str(pathlib.Path(__file__).with_name('dipc_simple.py'))
SERVER = None  # set by the command line


class Terminal:
    """A program in a terminal that does not echo: what is read is what the program says."""

    def __init__(self, *command):
        self._ours, its = pty.openpty()
        subprocess.run(['stty', '-echo'], stdin=its, check=True)
        environment = dict(os.environ, TERM='dumb')
        self._process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its,
                                         env=environment, start_new_session=True)
        os.close(its)

    def type(self, line):
        os.write(self._ours, line + b'\n')

    def see(self, expected):
        """Reads up to exactly this; but for each '\\r', which terminals add as they please."""
        seen, deadline = b'', time.monotonic() + PATIENCE_S
        while not seen.endswith(expected):
            left_s = max(0, deadline - time.monotonic())
            if not select.select([self._ours], [], [], left_s)[0]:
                raise AssertionError(f'expected {expected!r}, saw {seen!r}')
            byte = os.read(self._ours, 1)  # one, so as to take nothing of the next answer
            seen += byte.replace(b'\r', b'')

    def wait_for_end(self):
        return self._process.wait(PATIENCE_S)

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)


class ByHand(unittest.TestCase):
    def run_by_hand(self, *command):
        server = Server(SERVER)
        self.addCleanup(server.stop)
        terminal = Terminal(*command, str(server.port))
        self.addCleanup(terminal.close)
        return terminal

    def test_telnet(self):
        telnet = self.run_by_hand('telnet', '127.0.0.1')
        telnet.see(b"Escape character is '^]'.\n")
        for lines, answer in (
                ([b'w 0', b'good morning'], b'ok 0\n'),
                ([b'r 0'], b'ok 14\ngood morning\n'),
                ([b'w 1 7', b'a b c'], b'ok 0\n'),
                ([b'r 1'], b'ok 7\na b c\n'),
                ([b'r 2'], b'ok 0\n'),
                ([b'w 1 5', b'hello'], b'ok 0\nerr bad-request\n'),
                ([b'r 3'], b'err no-such-mailbox\n'),
                ([b'shout'], b'err bad-request\n'),
                ([b'q'], b'Connection closed by foreign host.\n')):
            for line in lines:
                telnet.type(line)
            telnet.see(answer)
        telnet.wait_for_end()

    def test_client_that_sends_no_newline(self):
        client = self.run_by_hand(sys.executable, '-B', SIMPLE_CLIENT)
        for line, answer in ((b'r 0', b"b'ok 0\\n'"),
                             (b'w 0\\nhello', b"b'ok 0\\n'"),
                             (b'r 0', b"b'ok 5\\nhello'"),
                             (b'w 1 5\\nhello', b"b'ok 0\\n'"),
                             (b'r 1\\n', b"b'ok 5\\nhello'"),
                             (b'r 9', b"b'err no-such-mailbox\\n'")):
            client.see(b'> ')
            client.type(line)
            client.see(b'Received ' + answer + b'\n')
        client.type(b'q')
        self.assertEqual(client.wait_for_end(), 0)


if __name__ == '__main__':
    SERVER = sys.argv.pop(1)
    unittest.main()
