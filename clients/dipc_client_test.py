#!/usr/bin/python3 -B
"""Tests of dipc_client.py against the real server, and against servers that misbehave."""

import os
import pathlib
import pty
import subprocess
import sys
import unittest

from dipc_connection import Connection
from dipc_testing import PATIENCE_S, FakeServer, Server, wait_until

CLIENT = str(pathlib.Path(__file__).with_name('dipc_client.py'))
SERVER = None  # set by the command line


def run(port, commands=b'', *options):
    """The client with its input from a pipe: (status, standard output, standard error)."""
    done = subprocess.run([CLIENT, '--host', '127.0.0.1', '--port', str(port), *options],
                          input=commands, capture_output=True, timeout=PATIENCE_S)
    return done.returncode, done.stdout, done.stderr.decode()


class AgainstTheServer(unittest.TestCase):
    def setUp(self):
        self.server = Server(SERVER)
        self.addCleanup(self.server.stop)

    def assert_answers(self, commands, *answers):
        self.assertEqual(run(self.server.port, commands),
                         (0, b''.join(answer + b'\n' for answer in answers), ''))

    def test_write_and_read(self):
        self.assert_answers(b'read 0\nwrite 0 good morning\nread 0\nread 1\nquit\n',
                            b'', b'ok', b'good morning', b'')

    def test_text_may_come_on_the_next_line(self):
        self.assert_answers(b'write 2\nread 0\nread 2\n', b'ok', b'read 0')

    def test_text_is_kept_to_the_byte(self):
        text = b'  two  spaces ' + bytes(set(range(256)) - set(b'\r\n'))
        self.assert_answers(b'write 0 ' + text + b'\nread 0\nwrite 0 \nread 0\n',
                            b'ok', text, b'ok', b'')

    def test_data_with_newlines_of_somebody_else(self):
        with_newlines = b'ok 3\nerr\n'
        connection = Connection('127.0.0.1', self.server.port)
        connection.write(1, with_newlines)
        connection.quit()
        self.assert_answers(b'read 1\nread 0\n', with_newlines, b'')

    def test_the_largest_packet_and_one_byte_more(self):
        text = b'x' * 1024
        self.assert_answers(
            b'write 0 %s\nwrite 0 %sx\nread 0\n' % (text, text), b'ok',
            b'err too-big: more than a mailbox holds, or more than a packet may carry', text)

    def test_mailbox_that_is_not_there(self):
        answer = (b'err no-such-mailbox: the server has no mailbox of that number; the first one '
                  b'is 0')
        self.assert_answers(b'read 3\nwrite 3 x\nread 2\n', answer, answer, b'')

    def test_what_is_no_command(self):
        answer = b'err bad-request: say read <mailbox>, write <mailbox> <text> or quit'
        for line in b'shout', b'read', b'read x', b'read -1', b'write', b'write x y', b'read 0 1':
            with self.subTest(line):
                self.assert_answers(line + b'\n\nread 0\n', answer, b'')

    def test_quit_is_the_end_and_what_follows_is_not_done(self):
        self.assert_answers(b'quit\nwrite 0 x\n')
        self.assert_answers(b'read 0\n', b'')

    def test_input_that_ends_where_a_text_should_be_stores_nothing(self):
        self.assert_answers(b'write 0 before\nwrite 0\n', b'ok')
        self.assert_answers(b'read 0', b'before')

    def test_two_clients_send_messages_back_and_forth(self):
        clients = [subprocess.Popen([CLIENT, '--port', str(self.server.port)], bufsize=0,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                   for _ in range(2)]

        def say(client, command):
            client.stdin.write(command + b'\n')
            return client.stdout.readline()

        for turn in range(20):
            speaker, listener = clients[turn % 2], clients[1 - turn % 2]
            text = b'this is message %d\n' % turn
            self.assertEqual(say(speaker, b'write %d ' % (turn % 2) + text[:-1]), b'ok\n')
            self.assertEqual(say(listener, b'read %d' % (turn % 2)), text)
        for client in clients:
            client.communicate(b'quit\n', PATIENCE_S)
            self.assertEqual(client.returncode, 0)

    def test_at_a_terminal_there_are_prompts_and_no_control_characters(self):
        connection = Connection('127.0.0.1', self.server.port)
        connection.write(1, b'\x1b[2Jgr\xc3\xbc\xc3\x9fe\xff')
        ours, terminal = pty.openpty()
        environment = dict(os.environ, TERM='dumb', LC_ALL='C.UTF-8')
        client = subprocess.Popen([CLIENT, '--port', str(self.server.port)], stdin=terminal,
                                  stdout=terminal, env=environment)
        os.close(terminal)
        seen = b''
        for expected, typed in (b'> ', b'write 0'), (b'text> ', b'hello'), (b'ok\r\n> ', b'read 1'):
            while not seen.endswith(expected):
                seen += os.read(ours, 1000)
            os.write(ours, typed + b'\n')
        while not seen.endswith('\\x1b[2Jgrüße\\xff\r\n> '.encode()):
            seen += os.read(ours, 1000)
        os.write(ours, b'\x04')  # Ctrl-D, the end of the input
        self.assertEqual(client.wait(PATIENCE_S), 0)
        os.close(ours)
        self.assertEqual(connection.read(0), b'hello')
        connection.quit()


class AgainstMisbehavingServers(unittest.TestCase):
    def assert_trouble(self, behave, words, stdout=b'', silence_s=PATIENCE_S):
        with FakeServer(behave) as server:
            self.assertEqual(run(server.port, b'read 0\nread 0\n', '--silence-s', str(silence_s)),
                             (1, stdout, f'dipc_client: {words.format(port=server.port)}\n'))

    def assert_received(self, server, *lines):
        # The last one may still be on its way when the client has ended.
        wait_until(lambda: len(server.received) >= len(lines), 'all that the client says has come')
        self.assertEqual(server.received, list(lines))

    def test_nobody_there(self):
        with FakeServer(None) as server:
            port = server.port
        self.assertEqual(run(port), (
            1, b'', f'dipc_client: no server at 127.0.0.1 port {port}: connection refused\n'))

    def test_no_such_host(self):
        self.assertEqual(run(1, b'', '--host', 'a..b'),
                         (1, b'', 'dipc_client: a..b port 1: no such host\n'))

    def test_server_that_goes_away(self):
        def behave(server, connection, requests):
            server.read_line(requests)
            connection.sendall(b'ok 2\nhi')

        self.assert_trouble(behave, 'the server at 127.0.0.1 port {port} has gone', stdout=b'hi\n')

    def test_server_that_goes_away_in_the_middle_of_an_answer(self):
        def behave(server, connection, requests):
            server.read_line(requests)
            connection.sendall(b'ok 10\nhalf')

        self.assert_trouble(behave, 'the server at 127.0.0.1 port {port} has gone')

    def test_server_that_is_silent(self):
        def behave(server, connection, requests):
            server.let_go.wait()

        self.assert_trouble(behave, '127.0.0.1 port {port} has said nothing for 0.5 seconds',
                            silence_s=0.5)

    def test_server_that_speaks_something_else(self):
        def behave(server, connection, requests):
            server.read_line(requests)
            connection.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
            server.let_go.wait()

        self.assert_trouble(behave, "127.0.0.1 port {port} does not speak DIPC: it said "
                            "b'HTTP/1.1 400 Bad Request\\r'")

    def test_server_that_never_ends_its_line(self):
        def behave(server, connection, requests):
            while True:
                connection.sendall(b'ok ' * 100)

        self.assert_trouble(behave, '127.0.0.1 port {port} does not speak DIPC')

    def test_answer_byte_by_byte_is_an_answer(self):
        def behave(server, connection, requests):
            while server.read_line(requests).startswith(b'r'):
                for byte in b'ok 5\nhello':
                    connection.sendall(bytes([byte]))

        with FakeServer(behave) as server:
            self.assertEqual(run(server.port, b'read 7\nread 8\n'), (0, b'hello\nhello\n', ''))
            self.assert_received(server, b'r 7\n', b'r 8\n', b'q\n')

    def test_large_answer_comes_in_many_pieces(self):
        data = bytes(range(256)) * 4000

        def behave(server, connection, requests):
            while server.read_line(requests) == b'r 0\n':
                connection.sendall(b'ok %d\n' % len(data) + data)

        with FakeServer(behave) as server:
            self.assertEqual(run(server.port, b'read 0\nread 0\n'), (0, 2 * (data + b'\n'), ''))

    def test_a_write_says_how_long_it_is(self):
        def behave(server, connection, requests):
            server.read_line(requests)
            server.received.append(requests.read(5))
            connection.sendall(b'ok 0\n')
            server.read_line(requests)

        with FakeServer(behave) as server:
            self.assertEqual(run(server.port, b'write 1 q\rr 0\n'), (0, b'ok\n', ''))
            self.assert_received(server, b'w 1 5\n', b'q\rr 0', b'q\n')


class CommandLine(unittest.TestCase):
    def test_wrong_arguments(self):
        for options, words in (
                (['--port', '0'], "argument --port: '0' is not a number from 1 to 65535"),
                (['--silence-s', 'x'],
                 "argument --silence-s: 'x' is not a number of seconds above 0"),
                (['extra'], 'unrecognized arguments: extra')):
            with self.subTest(options):
                self.assertEqual(run(1, b'', *options), (2, b'', f'dipc_client: {words}\n'))


if __name__ == '__main__':
    SERVER = sys.argv.pop(1)
    unittest.main()
