#!/usr/bin/python3 -B
"""Tests of dipc_tk.py: its window is clicked into and typed into, on a display in memory."""

import os
import pathlib
import subprocess
import sys
import unittest

from dipc_connection import Connection
from dipc_testing import PATIENCE_S, FakeServer, Server, wait_until
from window_testing import Display, Program, press, type_text

CLIENT = str(pathlib.Path(__file__).with_name('dipc_tk.py'))
STATUS = '.status cget -text'
COLOR = '.status cget -foreground'
TEXT = '.text get 1.0 end-1c'
RED = '#b00020'

SERVER = None  # set by the command line
display = None


def setUpModule():
    global display
    display = Display()
    display.start()
    unittest.addModuleCleanup(display.stop)


class WindowTest(unittest.TestCase):
    def open_window(self, port):
        window = Program(display, 'dipc_tk', [CLIENT, '--host', '127.0.0.1', '--port', str(port)])
        self.addCleanup(window.kill)
        return window

    def type_into_text(self, window, text):
        window.click('.text')
        window.wait_for('focus', '.text')
        press('ctrl+End')
        before = window.ask(TEXT)
        type_text(text)
        window.wait_for(TEXT, before + text)

    def select_mailbox(self, window, number):
        window.click('.bar.mailbox', x=0.2)
        window.wait_for('focus', '.bar.mailbox')
        press('End', 'shift+Home', 'BackSpace')
        type_text(number)
        window.wait_for('.bar.mailbox get', number)

    def assert_error(self, window, words):
        window.wait_for(STATUS, words)
        self.assertEqual(window.ask(COLOR), RED)

    def assert_good(self, window, words):
        window.wait_for(STATUS, words)
        self.assertNotEqual(window.ask(COLOR), RED)


class AgainstTheServer(WindowTest):
    def setUp(self):
        self.server = Server(SERVER)
        self.addCleanup(lambda: self.server.stop())
        self.window = self.open_window(self.server.port)
        self.other = Connection('127.0.0.1', self.server.port)
        self.addCleanup(self.other.quit)

    def test_what_is_typed_and_written_is_in_the_mailbox(self):
        self.type_into_text(self.window, 'good morning')
        self.window.click('.bar.write')
        self.assert_good(self.window, 'mailbox 0: 12 bytes written')
        self.assertEqual(self.other.read(0), b'good morning')

    def test_read_shows_what_somebody_else_wrote(self):
        self.other.write(0, 'Größe {\n$x [exit]\\'.encode())
        self.type_into_text(self.window, 'to be replaced')
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 0: 20 bytes read')
        self.assertEqual(self.window.ask(TEXT), 'Größe {\n$x [exit]\\')

    def test_selected_mailbox_is_the_one_that_is_used(self):
        self.window.click('.bar.mailbox', x=0.93, y=0.25)  # the arrow up
        self.window.wait_for('.bar.mailbox get', '1')
        self.type_into_text(self.window, 'one')
        self.window.click('.bar.write')
        self.assert_good(self.window, 'mailbox 1: 3 bytes written')
        self.select_mailbox(self.window, '2')
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 2: 0 bytes read')
        self.assertEqual(self.window.ask(TEXT), '')
        self.assertEqual([self.other.read(i) for i in range(3)], [b'', b'one', b''])

    def test_data_that_is_no_text_is_shown_and_said(self):
        self.other.write(0, b'caf\xe9')
        self.window.click('.bar.read')
        self.assert_error(self.window, 'mailbox 0: 4 bytes read, not all of them text: writing it '
                          'back would change it')
        self.assertEqual(self.window.ask(TEXT), 'caf\ufffd')

    def test_refusals_are_explained_and_the_text_stays(self):
        self.type_into_text(self.window, 'mine')
        self.select_mailbox(self.window, '3')
        self.window.click('.bar.read')
        self.assert_error(self.window, 'err no-such-mailbox: the server has no mailbox of that '
                          'number; the first one is 0')
        self.select_mailbox(self.window, '-1')
        self.window.click('.bar.write')
        self.assert_error(self.window,
                          "'-1' is not the number of a mailbox: they count from 0")
        self.assertEqual(self.window.ask(TEXT), 'mine')

    def test_server_that_went_away_is_said_and_a_new_one_is_found(self):
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 0: 0 bytes read')
        self.other.quit()
        self.server.stop()
        where = f'127.0.0.1 port {self.server.port}'
        self.window.click('.bar.read')
        self.assert_error(self.window, f'the server at {where} has gone')
        self.window.click('.bar.read')
        self.assert_error(self.window, f'no server at {where}: connection refused')
        self.server = Server(SERVER, self.server.port)
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 0: 0 bytes read')

    def test_quit_button_ends_the_program(self):
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 0: 0 bytes read')
        self.window.click('.bar.quit')
        self.assertEqual(self.window.wait_for_end(), (0, ''))


def answer_when_let_go(server, connection, requests):
    """The first answer is late: it comes when the test says so. The next ones come at once."""
    count = len(server.received)
    while server.read_line(requests).startswith(b'r'):
        if count == 0:
            server.let_go.wait()
        count += 1
        connection.sendall(b'ok 4\nlate' if count == 1 else b'ok 6\nprompt')


class AgainstASlowServer(WindowTest):
    def setUp(self):
        self.server = FakeServer(answer_when_let_go)
        self.addCleanup(self.server.stop)
        self.window = self.open_window(self.server.port)
        self.window.click('.bar.read')
        wait_until(lambda: self.server.received == [b'r 0\n'], 'the server has been asked')
        self.assert_good(self.window, 'reading mailbox 0 ... (Escape gives up)')

    def test_window_goes_on_while_it_waits(self):
        self.type_into_text(self.window, 'typed meanwhile')
        self.window.click('.bar.mailbox', x=0.93, y=0.25)
        self.window.wait_for('.bar.mailbox get', '1')
        self.assertEqual(self.window.ask(STATUS), 'reading mailbox 0 ... (Escape gives up)')

    def test_late_answer_does_not_replace_what_was_typed_meanwhile(self):
        self.type_into_text(self.window, 'typed meanwhile')
        self.server.let_go.set()
        self.assert_error(self.window, 'mailbox 0 has come, but would replace what you have typed '
                          'since: press Read again to see it')
        self.assertEqual(self.window.ask(TEXT), 'typed meanwhile')
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 0: 6 bytes read')
        self.assertEqual(self.window.ask(TEXT), 'prompt')

    def test_late_answer_is_shown_if_nothing_was_typed(self):
        self.server.let_go.set()
        self.assert_good(self.window, 'mailbox 0: 4 bytes read')
        self.assertEqual(self.window.ask(TEXT), 'late')

    def test_second_click_while_waiting_asks_nothing(self):
        self.window.click('.bar.read')
        self.window.click('.bar.write')
        self.type_into_text(self.window, 'x')  # comes after the clicks: they have been handled
        self.server.let_go.set()
        self.window.wait_for('.bar.read instate !disabled', '1')
        self.assertEqual(self.server.received, [b'r 0\n'])

    def test_answer_that_was_given_up_is_not_taken_for_the_next_one(self):
        press('Escape')
        self.assert_error(self.window, 'given up; a write may have been carried out or not')
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 0: 6 bytes read')
        self.server.let_go.set()
        self.window.click('.bar.mailbox', x=0.93, y=0.25)
        self.window.click('.bar.read')
        self.assert_good(self.window, 'mailbox 1: 6 bytes read')
        self.assertEqual(self.window.ask(TEXT), 'prompt')

    def test_quit_does_not_wait_for_the_answer(self):
        self.window.click('.bar.quit')
        self.assertEqual(self.window.wait_for_end(), (0, ''))


class WithoutADisplay(unittest.TestCase):
    def test_it_says_so(self):
        environment = {name: value for name, value in os.environ.items() if name != 'DISPLAY'}
        done = subprocess.run([CLIENT], env=environment, capture_output=True, text=True,
                              timeout=PATIENCE_S)
        self.assertEqual((done.returncode, done.stderr),
                         (1, 'dipc_tk: no display name and no $DISPLAY environment variable\n'))


if __name__ == '__main__':
    SERVER = sys.argv.pop(1)
    unittest.main()
