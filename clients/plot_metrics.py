#!/usr/bin/python3
"""Draws the metrics files of gfclient_measure: throughput, latency and failures over time.

    bazel run //clients:plot_metrics -- metrics.txt
    bazel run //clients:plot_metrics -- t1.txt t8.txt --threads 1,8 --output threads.svg

A metrics file says when how many bytes had come and how many requests were completed. Throughput is
what came in an interval, divided by its length. How long a single request took is not in the file.
But each thread of the client always has one request under way, so that the mean is known all the same
(Little's law): threads divided by requests completed per second. For that, say --threads as it was
said to gfclient_measure by -t.

The first line of this file names Debian's own Python, since the drawing library is Debian's, too.
"""

import argparse
import bisect
import os
import pathlib
import sys

INTERVALS = 60  # so many points at most to a line


class Trouble(Exception):
    """Something the user is told in one line."""


class Metrics:
    """The rows of one file, column by column."""

    def __init__(self, path):
        self.name = path.stem
        self.seconds, self.bytes, self.served, self.failed = [0.0], [0], [0], [0]
        try:
            lines = path.read_text(encoding='utf-8', errors='replace').splitlines()
        except OSError as error:
            raise Trouble(f'{path}: {error.strerror}') from None
        for number, line in enumerate(lines, 1):
            if not line.startswith('#'):
                self._add_row(line, f'{path}:{number}')
        if len(self.seconds) == 1:
            raise Trouble(f'{path}: there are no rows in it')

    def _add_row(self, line, where):
        words = line.split(',', 4)
        try:
            self.seconds.append(float(words[0]))
            for column, word in zip((self.bytes, self.served, self.failed), words[1:4], strict=True):
                column.append(int(word))
        except ValueError:
            raise Trouble(f'{where}: not a row of a metrics file: {line[:60]!r}') from None

    def at(self, column, moment):
        """What a column's total was at a moment."""
        return column[bisect.bisect_right(self.seconds, moment) - 1]

    def moments(self):
        """The ends of the intervals. There are not more of them than requests, or nothing would have
        been completed in most."""
        requests = self.served[-1] + self.failed[-1]
        count = max(1, min(INTERVALS, requests // 2))
        end = self.seconds[-1]
        return [end * number / count for number in range(count + 1)]


def rates(metrics, column, moments):
    """How much a column grew per second, interval by interval."""
    totals = [metrics.at(column, moment) for moment in moments]
    return [(after - before) / (end - start) if end > start else 0
            for before, after, start, end in zip(totals, totals[1:], moments, moments[1:])]


def latencies_ms(metrics, moments, threads):
    completed = [served + failed for served, failed in zip(metrics.served, metrics.failed)]
    return [1000 * threads / rate if rate else float('nan')
            for rate in rates(metrics, completed, moments)]


def draw_one(axes, metrics, threads, color):
    throughput, latency, failures = axes
    moments = metrics.moments()
    middles = [(start + end) / 2 for start, end in zip(moments, moments[1:])]
    per_second = [rate / 1e6 for rate in rates(metrics, metrics.bytes, moments)]
    label = f'{metrics.name}, {threads} thread' + ('s' if threads > 1 else '')
    throughput.plot(middles, per_second, color=color, label=label, marker='.', markersize=4)
    latency.plot(middles, latencies_ms(metrics, moments, threads), color=color, marker='.', markersize=4)
    failures.step(metrics.seconds, metrics.failed, color=color, where='post')


def draw(files, threads, output):
    # The drawing library is asked for only now, so that --help and a wrong argument work without it.
    try:
        import matplotlib
    except ImportError:
        raise Trouble("python3-matplotlib is missing: run grader/setup") from None
    matplotlib.use('Agg')  # draws to a file, and needs no screen
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    figure, axes = pyplot.subplots(3, sharex=True, figsize=(9, 8), height_ratios=(3, 3, 2))
    for number, (metrics, count) in enumerate(zip(files, threads)):
        draw_one(axes, metrics, count, f'C{number % 10}')
    for axis, title, unit in zip(
            axes, ('Throughput', 'Latency: mean time of a request', 'Failures so far'),
            ('MB/s', 'ms', 'requests')):
        axis.set_title(title, loc='left', fontsize='medium')
        axis.set_ylabel(unit)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    if not any(metrics.failed[-1] for metrics in files):
        axes[2].set_ylim(0, 1)
    axes[2].yaxis.set_major_locator(MaxNLocator(integer=True))
    axes[2].set_xlabel('seconds')
    axes[2].set_xlim(left=0)
    axes[0].legend(fontsize='small')
    figure.tight_layout()
    try:
        figure.savefig(output, dpi=120)
    except (OSError, ValueError) as error:
        raise Trouble(f'{output}: {error}') from None


def thread_counts(text):
    counts = text.split(',')
    if not all(count.isascii() and count.isdigit() and int(count) > 0 for count in counts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number, or several with commas")
    return [int(count) for count in counts]


def main():
    parser = argparse.ArgumentParser(prog='plot_metrics', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('metrics', nargs='+', type=pathlib.Path)
    parser.add_argument('--threads', type=thread_counts, default=[1],
                        help='what -t was, for all the files or one for each (1)')
    parser.add_argument('--output', type=pathlib.Path,
                        help='a .png or .svg file (the first metrics file with .png)')
    arguments = parser.parse_args()
    # `bazel run` goes to a folder of its own; the names are meant where it was called.
    os.chdir(os.environ.get('BUILD_WORKING_DIRECTORY', '.'))
    threads = arguments.threads
    if len(threads) == 1:
        threads *= len(arguments.metrics)
    if len(threads) != len(arguments.metrics):
        parser.error('--threads: one number, or as many as there are files')
    output = arguments.output or arguments.metrics[0].with_suffix('.png')
    try:
        draw([Metrics(path) for path in arguments.metrics], threads, output)
    except Trouble as trouble:
        print(f'plot_metrics: {trouble}', file=sys.stderr)
        return 1
    print(output)
    return 0


if __name__ == '__main__':
    sys.exit(main())
