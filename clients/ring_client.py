#!/usr/bin/env python3
"""A client of the ring-buffer server, with Python's standard library alone.

The same options and behaviour as the C++ ring_client: commands come from standard input as the
protocol's own lines, a second thread prints what the server sends. `quit` or the end of the input
leaves gracefully with status 0. A server that goes away is one line on standard error and status 1,
a wrong argument one line and status 2.

Two threads share one connection. Over TLS that needs care, as in the C++ client: OpenSSL's object
must not be used by two threads at once, and reading means waiting. So the socket does not block,
every call is made under a lock that is held for that call only, and the waiting is done by select()
outside of the lock.
"""

import argparse
import hashlib
import hmac
import os
import re
import select
import socket
import ssl
import sys
import threading
import time

START_S = 10  # for connecting and the handshake
GOODBYE_S = 10  # for the server to go on with its replies after QUIT
MAX_HANDSHAKE_LINE = 256


class Trouble(Exception):
    """Something the user is told in one line."""


class Connection:
    """Bytes both ways, plain or TLS. One thread may read while another one writes."""

    def __init__(self, arguments, deadline):
        self._lock = threading.Lock()  # held for one call on the socket, never while waiting
        self._socket = socket.create_connection((arguments.host, arguments.port), timeout=START_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        if arguments.tls_ca:
            context = ssl.create_default_context(cafile=arguments.tls_ca)
            self._socket = context.wrap_socket(
                self._socket, server_hostname=arguments.host, do_handshake_on_connect=False)
            self._repeat(self._socket.do_handshake, select.POLLIN, deadline)

    def _repeat(self, call, events, deadline=None):
        """Makes a call until it no longer asks to wait; waits outside of the lock."""
        while True:
            try:
                with self._lock:
                    return call()
            except ssl.SSLWantReadError:
                waiting_for = select.POLLIN
            except ssl.SSLWantWriteError:
                waiting_for = select.POLLOUT
            except (BlockingIOError, InterruptedError):
                waiting_for = events
            poller = select.poll()
            poller.register(self._socket, waiting_for)
            left_ms = None if deadline is None else max(0, deadline - time.monotonic()) * 1000
            if not poller.poll(left_ms):
                raise Trouble('the server does not answer')

    def read(self, deadline=None):
        """What is there, and b'' at the end."""
        try:
            return self._repeat(lambda: self._socket.recv(65536), select.POLLIN, deadline)
        except ssl.SSLEOFError:
            return b''  # TLS that ended without its own goodbye; the protocol's BYE decides

    def write(self, data):
        view = memoryview(data)
        while view:
            count = self._repeat(lambda: self._socket.send(view), select.POLLOUT)
            view = view[count:]

    def end_writing(self):
        self._socket_shutdown(socket.SHUT_WR)

    def shutdown(self):
        """Wakes both threads: the end of the stream for the reader, an error for the writer."""
        self._socket_shutdown(socket.SHUT_RDWR)

    def _socket_shutdown(self, how):
        try:
            # The plain socket's own method, also for TLS: ssl's would let go of the TLS object
            # that the other thread may be using.
            socket.socket.shutdown(self._socket, how)
        except OSError:
            pass  # the peer has gone already


class LineScanner:
    """Takes a stream apart into lines and the bodies that follow some of them.

    on_line(line) is given each whole line without its end, and returns how many bytes of body come
    after it; on_body(data) is given these as they come.
    """

    def __init__(self, on_line, on_body):
        self._on_line = on_line
        self._on_body = on_body
        self.partial = b''
        self.body_left = 0

    def feed(self, data):
        at = 0
        while at < len(data):
            if self.body_left > 0:
                body = data[at:at + self.body_left]
                self.body_left -= len(body)
                at += len(body)
                self._on_body(body)
                continue
            end = data.find(b'\n', at)
            if end < 0:
                self.partial += data[at:]
                return
            line = (self.partial + data[at:end]).removesuffix(b'\r')
            self.partial = b''
            at = end + 1
            self.body_left = self._on_line(line)


class Client:
    def __init__(self, arguments, secret):
        deadline = time.monotonic() + START_S
        self._received = b''
        self._connection = Connection(arguments, deadline)
        self._shake_hands(arguments.name, secret, deadline)
        self._ended_read, self._ended_write = os.pipe()  # readable once the reader has ended
        self._progress = 0
        self._quitting = False
        self._half_body = False  # the input ended inside a body: no BYE will come
        self._said_goodbye = False
        self._failure = None
        self._unprinted = []

    def _receive_line(self, deadline):
        while b'\n' not in self._received:
            if len(self._received) > MAX_HANDSHAKE_LINE:
                raise Trouble('not a ring server')
            data = self._connection.read(deadline)
            if not data:
                raise Trouble('the server closed the connection')
            self._received += data
        line, _, self._received = self._received.partition(b'\n')
        return line

    def _shake_hands(self, name, secret, deadline):
        greeting = self._receive_line(deadline)
        if not greeting.startswith(b'RING/1 '):
            raise Trouble('not a ring server')
        hello = b'HELLO ' + name.encode()
        if secret is not None:
            nonce = greeting[len(b'RING/1 '):]
            hello += b' ' + hmac.new(secret, nonce, hashlib.sha256).hexdigest().encode()
        try:
            self._connection.write(hello + b'\n')
        except OSError:
            pass  # a server that is full does not wait for our name; its answer is there all the same
        answer = self._receive_line(deadline)
        if not answer.startswith(b'WELCOME '):
            raise Trouble('the server says: ' + answer.decode(errors='replace'))
        self._received = answer + b'\n' + self._received

    def run(self):
        reader = threading.Thread(target=self._print_replies)
        reader.start()
        trouble = ''
        try:
            self._send_commands()
            self._await_goodbye()
        except (OSError, Trouble) as error:
            trouble = f' ({error})'
        finally:
            self._connection.shutdown()
            reader.join()
        if not self._said_goodbye:
            raise Trouble(self._failure or 'the server has gone' + trouble)

    # The writer.

    def _send_commands(self):
        out = []
        scanner = LineScanner(lambda line: self._take_command(line, out), out.append)
        while not self._quitting:
            ready = select.select([0, self._ended_read], [], [])[0]
            if self._ended_read in ready:
                return
            data = os.read(0, 65536)
            scanner.feed(data)
            if not data:
                self._end_input(scanner)
            self._connection.write(b''.join(out))
            out.clear()
            if self._half_body:
                self._connection.end_writing()
                return

    def _take_command(self, line, out):
        """Returns how many bytes after this line are no commands."""
        if self._quitting:
            return 0  # what comes after `quit` is not sent
        self._quitting = line in (b'quit', b'QUIT')
        out.append((b'QUIT' if self._quitting else line) + b'\n')
        length = re.fullmatch(rb'SETB (\d+)', line)
        return int(length[1]) if length else 0

    def _end_input(self, scanner):
        if scanner.partial:
            scanner.feed(b'\n')
        if scanner.body_left > 0:
            # A QUIT would be taken for a part of the body; the end of the stream cannot be.
            self._half_body = True
        else:
            scanner.feed(b'QUIT\n')

    def _await_goodbye(self):
        while True:
            before = self._progress
            if select.select([self._ended_read], [], [], GOODBYE_S)[0]:
                return
            if self._progress == before:
                raise Trouble('no goodbye from it')

    # The reader.

    def _print_replies(self):
        scanner = LineScanner(self._take_reply, self._unprinted.append)
        try:
            data = self._received
            while data:
                scanner.feed(data)
                self._print()
                self._progress += 1
                data = self._connection.read()
            if self._half_body:
                self._said_goodbye = True
        except (OSError, Trouble) as error:
            self._failure = str(error)
        self._connection.shutdown()
        os.close(self._ended_write)

    def _take_reply(self, line):
        """Returns how many bytes after this line are a body, with its newline."""
        self._unprinted.append(line + b'\n')
        if line == b'BYE':
            self._said_goodbye = True
        message = re.fullmatch(rb'MSG \d+ \S+ (\d+)', line)
        return int(message[1]) + 1 if message else 0

    def _print(self):
        view = memoryview(b''.join(self._unprinted))
        self._unprinted.clear()
        while view:
            view = view[os.write(1, view):]  # may take fewer bytes than it is given


class ArgumentParser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f'ring_client: {message}\n')  # one line, without the usage above it


def port_number(text):
    if not re.fullmatch('[0-9]{1,5}', text) or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 65535")
    return int(text)


def guest_name(text):
    if not re.fullmatch('[A-Za-z0-9_.-]{1,32}', text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not 1 to 32 letters, digits, '_', '-' or '.'")
    return text


def parse_arguments():
    parser = ArgumentParser(prog='ring_client', allow_abbrev=False,
                            description='Commands come from standard input.')
    parser.add_argument('--host', default='localhost')
    parser.add_argument('--port', type=port_number, default=7400)
    parser.add_argument('--name', type=guest_name, default=f'client-{os.getpid()}')
    parser.add_argument('--secret-file')
    parser.add_argument('--tls-ca')
    return parser.parse_args()


def read_secret(path):
    with open(path, 'rb') as file:
        return file.read().removesuffix(b'\n')


def main():
    arguments = parse_arguments()
    try:
        secret = read_secret(arguments.secret_file) if arguments.secret_file else None
        Client(arguments, secret).run()
    except (OSError, Trouble) as error:
        print(f'ring_client: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
