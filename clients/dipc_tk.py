#!/usr/bin/env python3
"""A window on the mailboxes of a DIPC server, with Python's standard library alone.

Read fetches the selected mailbox into the text, Write stores the text in it, Quit ends. The line at
the bottom says what happened, and in red what went wrong.

The window never waits for the server. Requests are carried out by a Courier, a thread with a
connection of its own, and the window looks every few milliseconds whether the answer has come.
Only the window's thread touches the window: Tk is not made for more.

Escape gives up on an answer that does not come. The courier is then left alone, with its
connection, and the next request gets a new one. So an answer that comes late finds nobody who
listens, and cannot be taken for the answer to another question.
"""

import queue
import sys
import threading

from dipc_connection import ArgumentParser, Connection, ConnectionTrouble, Refused

try:
    import tkinter as tk
    from tkinter import ttk
except ImportError:
    sys.exit("dipc_tk: this Python has no tkinter; on Debian: apt-get install python3-tk")

LOOK_MS = 20  # how often the window looks for an answer while it expects one
GOODBYE_S = 1  # how long the end of the program waits until the server has been told
MAX_MAILBOX = 2**64 - 1
RED, BLACK = '#b00020', '#333333'


class Courier(threading.Thread):
    """Carries one request after the other to the server, and its answer back."""

    def __init__(self, connect):
        super().__init__(daemon=True)  # one that is stuck does not keep the program alive
        self.answers = queue.SimpleQueue()  # of (what the request returned, what went wrong)
        self._connect = connect
        self._requests = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards the next two
        self._connection = None
        self._is_abandoned = False
        self.start()

    def ask(self, request):
        """Have request(connection) called; what comes of it will be in `answers`."""
        self._requests.put(request)

    def dismiss(self):
        """No more requests; the server is told goodbye."""
        self._requests.put(None)
        self.join(GOODBYE_S)

    def abandon(self):
        """Nobody waits for its answer any more. Does not wait for the courier to notice."""
        with self._lock:
            self._is_abandoned = True
            if self._connection:
                self._connection.abort()
        self._requests.put(None)

    def run(self):
        while request := self._requests.get():
            try:
                self.answers.put((request(self._connected()), None))
            except Refused as error:
                self.answers.put((None, error))
            except ConnectionTrouble as error:
                self._keep(None)  # the next request gets a new connection
                self.answers.put((None, error))
        if self._connection:
            self._connection.quit()

    def _connected(self):
        return self._connection or self._keep(self._connect())

    def _keep(self, connection):
        with self._lock:
            self._connection = connection
            if self._is_abandoned and connection:
                connection.abort()
        return connection


class Window:
    """The widgets have names, by which a test finds them: .bar.read, .text, .status."""

    def __init__(self, root, connect, title):
        self._root = root
        self._connect = connect
        self._courier = None
        self._on_answer = None  # what to do with the answer; None: none is expected
        root.title(title)
        root.protocol('WM_DELETE_WINDOW', self.quit)
        root.bind('<Escape>', lambda event: self.give_up())
        self._make_bar()
        self._make_status()
        self._make_text()

    def _make_bar(self):
        bar = ttk.Frame(self._root, name='bar', padding=6)
        bar.pack(side='top', fill='x')
        ttk.Label(bar, text='Mailbox').pack(side='left')
        self._mailbox = ttk.Spinbox(bar, name='mailbox', from_=0, to=MAX_MAILBOX, width=6,
                                    format='%.0f')
        self._mailbox.set('0')
        self._mailbox.pack(side='left', padx=(4, 12))
        self._read = ttk.Button(bar, name='read', text='Read', command=self.read)
        self._write = ttk.Button(bar, name='write', text='Write', command=self.write)
        quit_button = ttk.Button(bar, name='quit', text='Quit', command=self.quit)
        for button in self._read, self._write, quit_button:
            button.pack(side='left', padx=2)

    def _make_status(self):
        self._status = tk.Label(self._root, name='status', anchor='w', justify='left', padx=6,
                                pady=4, wraplength=400)
        self._status.pack(side='bottom', fill='x')
        self._status.bind('<Configure>', lambda event: self._status.configure(
            wraplength=max(event.width - 12, 100)))

    def _make_text(self):
        self._text = tk.Text(self._root, name='text', width=52, height=10, undo=True, wrap='word')
        self._text.pack(side='top', fill='both', expand=True, padx=6)
        self._text.focus_set()

    # What the buttons do.

    def read(self):
        mailbox = self._selected_mailbox()
        if mailbox is None:
            return
        before = self._text_now()
        self._ask(f'reading mailbox {mailbox}',
                  lambda connection: connection.read(mailbox),
                  lambda data: self._show_data(mailbox, data, before))

    def write(self):
        mailbox = self._selected_mailbox()
        if mailbox is None:
            return
        data = self._text_now().encode(errors='replace')
        self._ask(f'writing mailbox {mailbox}',
                  lambda connection: connection.write(mailbox, data),
                  lambda nothing: self._say(f'mailbox {mailbox}: {len(data)} bytes written'))

    def give_up(self):
        """The user does not want to wait any longer."""
        if self._on_answer:
            self._stop_expecting()
            self._say('given up; a write may have been carried out or not', RED)

    def quit(self):
        courier, is_busy = self._courier, self._on_answer is not None
        self._root.destroy()
        if courier and is_busy:
            courier.abandon()
        elif courier:
            courier.dismiss()

    # Asking, and looking for the answer.

    def _ask(self, what, request, on_answer):
        self._courier = self._courier or Courier(self._connect)
        self._on_answer = on_answer
        for button in self._read, self._write:
            button.state(['disabled'])
        self._say(what + ' ... (Escape gives up)')
        self._courier.ask(request)
        self._look(self._courier)

    def _look(self, courier):
        if courier is not self._courier:
            return  # given up meanwhile
        try:
            data, error = courier.answers.get_nowait()
        except queue.Empty:
            self._root.after(LOOK_MS, self._look, courier)
            return
        on_answer = self._on_answer
        self._expect_nothing()
        if error:
            self._say(str(error), RED)
        else:
            on_answer(data)

    def _stop_expecting(self):
        self._courier.abandon()
        self._courier = None
        self._expect_nothing()

    def _expect_nothing(self):
        self._on_answer = None
        for button in self._read, self._write:
            button.state(['!disabled'])

    # What the user sees.

    def _selected_mailbox(self):
        text = self._mailbox.get().strip()
        if text.isascii() and text.isdigit() and int(text) <= MAX_MAILBOX:
            return int(text)
        self._say(f"'{text[:40]}' is not the number of a mailbox: they count from 0", RED)
        return None

    def _text_now(self):
        return self._text.get('1.0', 'end-1c')  # Tk adds a newline at the end, which is not ours

    def _show_data(self, mailbox, data, before):
        if self._text_now() != before:
            # Somebody went on typing while the answer was on its way.
            self._say(f'mailbox {mailbox} has come, but would replace what you have typed since: '
                      'press Read again to see it', RED)
            return
        self._text.replace('1.0', 'end', data.decode(errors='replace'))
        if self._text_now().encode(errors='replace') == data:
            self._say(f'mailbox {mailbox}: {len(data)} bytes read')
        else:
            self._say(f'mailbox {mailbox}: {len(data)} bytes read, not all of them text: writing '
                      'it back would change it', RED)

    def _say(self, text, color=BLACK):
        self._status.configure(text=text, foreground=color)


def main():
    arguments = ArgumentParser(
        prog='dipc_tk', description='A window on the mailboxes of a DIPC server.').parse_args()
    try:
        root = tk.Tk(className='dipc_tk')
    except tk.TclError as error:
        sys.exit(f'dipc_tk: {error}')  # no display, for example
    Window(root, lambda: Connection(arguments.host, arguments.port, arguments.silence_s),
           f'Mailboxes of {arguments.host} port {arguments.port}')
    try:
        root.mainloop()
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main())
