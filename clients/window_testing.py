"""Windows under test: a display of our own, a program on it, real clicks and real keys.

    display = Display()
    display.start()
    program = Program(display, 'dipc_tk', ['clients/dipc_tk.py', '--port', '50007'])
    program.click('.bar.read')
    program.wait_for('.status cget -text', 'mailbox 0: 5 bytes read')

The display is Xvfb, which draws into memory. Clicks and keys are made by xdotool in the X server
and reach the program as those of a mouse and a keyboard would. What the widgets show is asked by
Tk's `send`: every Tk program carries out Tcl commands that others on its display send to it. It
does so from its event loop, so a window that is frozen does not answer, and the test says so.

Tk demands that the display admits only who knows a secret, hence the cookie.
"""

import os
import secrets
import struct
import subprocess
import tempfile
import tkinter

from dipc_testing import PATIENCE_S, wait_until

NEEDED = 'xvfb, xdotool or python3-tk is missing: run grader/setup'


class Display:
    def start(self):
        self._folder = tempfile.TemporaryDirectory()
        self._write_cookie(os.path.join(self._folder.name, 'cookie'))
        self._start_server()
        # Tk reads these, and so do the programs that inherit them.
        os.environ['DISPLAY'] = self.name
        # Where there is no list of the fonts yet, one is made. The home folder may not be writable.
        os.environ['XDG_CACHE_HOME'] = self._folder.name
        self.tk = tkinter.Tk(className='window_test')
        self.tk.withdraw()

    def stop(self):
        self.tk.destroy()
        self._server.terminate()
        self._server.wait(PATIENCE_S)
        self._folder.cleanup()

    def _write_cookie(self, path):
        def counted(data):
            return struct.pack('>H', len(data)) + data

        wild = struct.pack('>H', 0xFFFF)  # for every display
        parts = b'', b'', b'MIT-MAGIC-COOKIE-1', secrets.token_bytes(16)
        with open(path, 'wb') as file:
            file.write(wild + b''.join(map(counted, parts)))
        os.environ['XAUTHORITY'] = path

    def _start_server(self):
        number_out, number_in = os.pipe()
        # Not the first free one, which Xvfb could look for: it is free in each network namespace,
        # and two servers of one number write one file in /tmp (server-<number>.xkm).
        display = f':{1000 + secrets.randbelow(50_000)}'
        command = ['Xvfb', display, '-displayfd', str(number_in), '-screen', '0', '640x480x24',
                   '-nolisten', 'tcp', '-auth', os.environ['XAUTHORITY'], '-noreset']
        try:
            self._server = subprocess.Popen(command, pass_fds=[number_in],
                                            stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            raise AssertionError(NEEDED) from None
        os.close(number_in)
        with open(number_out) as number:
            self.name = ':' + number.readline().strip()  # comes when the server is ready


class Program:
    """A Tk program on the display, as a process of its own."""

    def __init__(self, display, name, command):
        self._tk = display.tk
        self._name = name
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: name in self._interpreters(), f'{name} is on the display')
        wait_until(lambda: self.ask('winfo viewable .') == '1', 'its window is shown')

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def _interpreters(self):
        return self._tk.tk.splitlist(self._tk.tk.call('winfo', 'interps'))

    def ask(self, script):
        """What a Tcl command comes to in the program. It must not take longer than our patience."""
        tk = self._tk.tk
        tk.setvar('answer', '')
        timer = tk.call('after', PATIENCE_S * 1000, 'set answer frozen')
        back = f'send -async {{{tk.call("tk", "appname")}}}'
        caught = f'[list [catch {{{script}}} result] $result]'
        tk.call('send', '-async', self._name, f'{back} [list set answer {caught}]')
        tk.call('vwait', 'answer')
        tk.call('after', 'cancel', timer)
        answer = tk.getvar('answer')
        if answer == 'frozen':
            raise AssertionError(f'the window is frozen: no answer to "{script}"')
        failed, result = tk.splitlist(answer)
        if failed != '0':
            raise AssertionError(f'"{script}" failed: {result}')
        return result

    def wait_for(self, script, expected):
        seen = None

        def is_so():
            nonlocal seen
            seen = self.ask(script)
            return seen == expected

        try:
            wait_until(is_so, script)
        except AssertionError as error:
            raise AssertionError(f'{error}; expected {expected!r}, it is {seen!r}') from None

    def click(self, widget, x=0.5, y=0.5):
        """With the first button, into a widget: 0 is its left or upper edge, 1 the other."""
        self.ask('update')  # all that is to be laid out and shown is
        left, top, width, height = (int(self.ask(f'winfo {what} {widget}'))
                                    for what in ('rootx', 'rooty', 'width', 'height'))
        xdotool('mousemove', left + round(x * width), top + round(y * height))
        self.wait_for('winfo containing {*}[winfo pointerxy .]', widget)
        xdotool('click', 1)

    def wait_for_end(self):
        """The exit status, and what was written to standard error."""
        stderr = self.process.communicate(timeout=PATIENCE_S)[1]
        return self.process.returncode, stderr


def type_text(text):
    xdotool('type', '--delay', 1, '--', text)


def press(*keys):
    xdotool('key', '--delay', 1, *keys)


def xdotool(*words):
    try:
        subprocess.run(['xdotool', *map(str, words)], check=True, timeout=PATIENCE_S)
    except FileNotFoundError:
        raise AssertionError(NEEDED) from None
