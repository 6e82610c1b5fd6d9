#!/usr/bin/env python3
"""A client of the DIPC server, with Python's standard library alone.

    read <mailbox>           prints what the mailbox holds, and a newline
    write <mailbox> <text>   stores the text, the rest of the line; prints "ok"
    write <mailbox>          the same, and the text is the next line
    quit                     ends; so does the end of the input

Commands come from standard input: typed at a prompt, or from a pipe, and then there is no prompt.
Each has one answer on standard output before the next one is read. What the server refuses is an
answer, too: "err no-such-mailbox" and what that means. A server that goes away is one line on
standard error and status 1, a wrong argument one line and status 2.
"""

import os
import re
import sys

from dipc_connection import MAX_DIGITS, ArgumentParser, Connection, ConnectionTrouble, Refused

USAGE = b'read <mailbox>, write <mailbox> <text> or quit'
READ = re.compile(rb' *read +(\d{1,%d}) *' % MAX_DIGITS)
WRITE = re.compile(rb' *write +(\d{1,%d})(?: (.*))?' % MAX_DIGITS, re.DOTALL)
QUIT = re.compile(rb' *quit *')


class Input:
    """Lines: from a person, who is asked for them, or from a file or pipe."""

    def __init__(self):
        self.is_terminal = os.isatty(0)

    def line(self, prompt):
        """The next one without its end, as bytes; None at the end of the input."""
        if self.is_terminal:
            try:
                return os.fsencode(input(prompt))
            except EOFError:
                print()
                return None
        line = sys.stdin.buffer.readline()
        return line.removesuffix(b'\n').removesuffix(b'\r') if line else None


def show(data):
    """Prints bytes as they are; to a terminal, which obeys some of them, only harmless ones."""
    if os.isatty(1):
        text = data.decode(errors='backslashreplace')
        harmless = (c if c.isprintable() or c in '\n\t' else ascii(c)[1:-1] for c in text)
        data = ''.join(harmless).encode()
    view = memoryview(data + b'\n')
    while view:
        view = view[os.write(1, view):]  # may take fewer bytes than it is given


def carry_out(line, lines, connection):
    """One command. True as long as there may be another one."""
    if QUIT.fullmatch(line):
        return False
    if read := READ.fullmatch(line):
        show(connection.read(int(read[1])))
    elif write := WRITE.fullmatch(line):
        text = lines.line('text> ') if write[2] is None else write[2]
        if text is None:
            return False  # the input ended where the text should be: nothing is stored
        connection.write(int(write[1]), text)
        show(b'ok')
    elif line.strip():
        show(b'err bad-request: say ' + USAGE)
    return True


def converse(connection, lines):
    goes_on = True
    while goes_on:
        line = lines.line('> ')
        if line is None:
            return
        try:
            goes_on = carry_out(line, lines, connection)
        except Refused as refused:
            show(str(refused).encode())


def main():
    arguments = ArgumentParser(
        prog='dipc_client', description='Commands: ' + USAGE.decode()).parse_args()
    try:
        connection = Connection(arguments.host, arguments.port, arguments.silence_s)
        lines = Input()
        if lines.is_terminal:
            print('connected; ' + USAGE.decode(), flush=True)
        converse(connection, lines)
        connection.quit()
    except (OSError, ConnectionTrouble) as error:
        print(f'dipc_client: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == '__main__':
    try:
        import readline  # noqa: F401  input() gets a history and the arrow keys
    except ImportError:
        pass  # not every Python has it, and it is a comfort only
    sys.exit(main())
