"""Servers for the tests of the clients: the real one, and one that misbehaves."""

import re
import signal
import socket
import subprocess
import threading
import time

PATIENCE_S = 30  # for what happens at once on an idle machine


def wait_until(condition, what):
    """Returns the condition's value once it is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f'{what}: still not so after {PATIENCE_S} s')
        time.sleep(0.01)
    return value


class Server:
    """The DIPC server in the foreground: 3 mailboxes of 2 kbytes, packets of 1 kbyte."""

    def __init__(self, program, port=0):
        self._process = subprocess.Popen(
            [program, '3', '2', str(port), '1', '--foreground'], stdout=subprocess.PIPE, text=True)
        first_line = self._process.stdout.readline()
        listening = re.fullmatch(r'listening on (\d+)\n', first_line)
        if not listening:
            self._process.kill()
            raise AssertionError(f'the server says {first_line!r}')
        self.port = int(listening[1])

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(PATIENCE_S)
        self._process.stdout.close()
        assert status == 0, f'the server ended with status {status}'


class FakeServer:
    """Serves each connection with `behave(socket, requests)`, on a thread.

    `requests` is a file of what the client sends, to be read line by line.
    """

    def __init__(self, behave):
        self._behave = behave
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        self.received = []  # the lines that read_line() returned, of all connections
        self.let_go = threading.Event()  # for a behaviour that waits: set at the end in any case
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.let_go.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return  # the test is over
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile('rb') as requests:
            try:
                self._behave(self, connection, requests)
            except OSError:
                pass  # a client that has gone is not the test's question

    def read_line(self, requests):
        line = requests.readline()
        self.received.append(line)
        return line
