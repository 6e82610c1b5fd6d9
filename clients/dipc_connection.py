"""A connection to a DIPC server, for dipc_client.py and dipc_tk.py.

Writes are sent in the exact form, `w <mailbox> <length>`, so nothing depends on pauses:

    connection = Connection('localhost', 50007)
    connection.write(0, b'good morning')
    print(connection.read(0))
    connection.quit()

A connection is used by one thread. Only abort() may be called from another one, to wake it.

Errors: Refused when the server says `err`, and then the connection goes on. ConnectionTrouble for
everything else: no such host, nobody there, silence, or a server that goes away. After that the
connection cannot be used any more: the answer may still come, and would be taken for the answer to
the next question.
"""

import argparse
import re
import socket

SILENCE_S = 30  # how long the server may say nothing; it may itself wait for a lock for a while
MAX_STATUS_LINE = 256
MAX_DIGITS = 20  # of a 64-bit number; the server does not read lines without end

MEANINGS = {
    'bad-request': 'the server did not understand',
    'no-such-mailbox': 'the server has no mailbox of that number; the first one is 0',
    'too-big': 'more than a mailbox holds, or more than a packet may carry',
    'timeout': 'others used the mailbox for too long; try again',
}


class Refused(Exception):
    """The server's `err <reason>`."""

    def __init__(self, reason):
        meaning = MEANINGS.get(reason)
        super().__init__(f'err {reason}: {meaning}' if meaning else f'err {reason}')
        self.reason = reason


class ConnectionTrouble(Exception):
    """The connection is of no use any more, or never was; the text says why."""


class Connection:
    def __init__(self, host, port, silence_s=SILENCE_S):
        self._socket = None
        self._where = f'{host} port {port}'
        self._silence_s = silence_s
        self._received = b''
        try:
            self._socket = socket.create_connection((host, port), timeout=silence_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except UnicodeError:
            raise ConnectionTrouble(f'{self._where}: no such host') from None
        except OSError as error:
            raise self._trouble(error) from error

    def read(self, mailbox):
        self._send(b'r %d\n' % mailbox)
        return self._receive_answer()

    def write(self, mailbox, data):
        self._send(b'w %d %d\n' % (mailbox, len(data)) + data)
        self._receive_answer()

    def quit(self):
        """Tells the server, and closes. It does not matter if the server has gone already."""
        try:
            self._socket.sendall(b'q\n')
        except OSError:
            pass
        self.close()

    def close(self):
        self._socket.close()

    def abort(self):
        """Wakes the thread that waits in this connection; it gets a ConnectionTrouble."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server has gone already, and the thread is awake

    def _send(self, data):
        view = memoryview(data)  # of what is left: sendall() has one time limit for all of it
        try:
            while view:
                view = view[self._socket.send(view):]
        except OSError as error:
            raise self._trouble(error) from error

    def _receive_answer(self):
        """The data of an `ok`; there is none after a write."""
        line = self._receive_line()
        if refused := re.fullmatch(rb'err ([a-z-]+)', line):
            raise Refused(refused[1].decode())
        length = re.fullmatch(rb'ok (\d{1,%d})' % MAX_DIGITS, line)
        if not length:
            self.close()
            raise ConnectionTrouble(f'{self._where} does not speak DIPC: it said {line[:40]!r}')
        return self._receive_bytes(int(length[1]))

    def _receive_line(self):
        while b'\n' not in self._received:
            if len(self._received) > MAX_STATUS_LINE:
                self.close()
                raise ConnectionTrouble(f'{self._where} does not speak DIPC')
            self._received += self._receive()
        line, _, self._received = self._received.partition(b'\n')
        return line

    def _receive_bytes(self, count):
        """Keeps what comes, and reserves nothing: the length is the other side's word."""
        pieces, missing = [self._received], count - len(self._received)
        while missing > 0:
            pieces.append(self._receive())
            missing -= len(pieces[-1])
        data = b''.join(pieces)
        self._received = data[count:]
        return data[:count]

    def _receive(self):
        try:
            data = self._socket.recv(65536)
        except OSError as error:
            raise self._trouble(error) from error
        if not data:
            self.close()
            raise ConnectionTrouble(f'the server at {self._where} has gone')
        return data

    def _trouble(self, error):
        if self._socket:
            self.close()
        if isinstance(error, socket.gaierror):
            return ConnectionTrouble(f'{self._where}: no such host')
        if isinstance(error, ConnectionRefusedError):
            return ConnectionTrouble(f'no server at {self._where}: connection refused')
        if isinstance(error, (socket.timeout, TimeoutError)):
            return ConnectionTrouble(
                f'{self._where} has said nothing for {self._silence_s:g} seconds')
        if isinstance(error, (BrokenPipeError, ConnectionResetError)):
            return ConnectionTrouble(f'the server at {self._where} has gone')
        return ConnectionTrouble(f'{self._where}: {error.strerror or error}')


class ArgumentParser(argparse.ArgumentParser):
    """What both clients are told on their command lines."""

    def __init__(self, **arguments):
        super().__init__(allow_abbrev=False, **arguments)
        self.add_argument('--host', default='localhost')
        self.add_argument('--port', type=_port_number, default=50007)
        self.add_argument('--silence-s', type=_seconds, default=SILENCE_S,
                          help='give up after so many seconds without a byte (%(default)s)')

    def error(self, message):
        self.exit(2, f'{self.prog}: {message}\n')  # one line, without the usage above it


def _port_number(text):
    if not re.fullmatch('[0-9]{1,5}', text) or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 65535")
    return int(text)


def _seconds(text):
    if not re.fullmatch(r'[0-9]{1,6}(\.[0-9]{1,3})?', text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds above 0")
    return float(text)
