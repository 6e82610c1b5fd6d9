#!/usr/bin/env python3
"""The simplest client there is: sends a line, shows what comes back. See docs/labs/dipc.md."""

import sys
from socket import AF_INET, SOCK_STREAM, socket

s = socket(AF_INET, SOCK_STREAM)
s.connect(('localhost', int(sys.argv[1]) if len(sys.argv) > 1 else 50007))
while True:
    message = input('> ')
    if message == 'q':
        break
    if message != '':
        s.send(message.replace('\\n', '\n').encode())
        print('Received', repr(s.recv(1024)))
s.close()
