"""What both programs of this folder set up: a folder, keys, the Java programs, TAP."""
import concurrent.futures
import contextlib
import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile

from pki import Pki
from tools import Java, Tools, compile_java

HERE = os.path.dirname(os.path.abspath(__file__))


class Stage:
    """folder, qyq, root (of the sources), pki, pool, tools, and java(…): a Java program that runs until the end."""

    def __init__(self, qyq, root, folder, pool):
        self.qyq, self.root, self.folder, self.pool = qyq, root, folder, pool
        self.running = []
        self.classes = self.path('classes')
        compiled = pool.submit(compile_java, self.classes)
        contract = pool.submit(subprocess.run, [qyq, 'render', 'fixed-term-full-time', os.path.join(root, 'schemas/contract.example.json'),
                                                self.path('base-contract.pdf')], check=True)
        self.pki = Pki(self.path('pki'))
        compiled.result()
        contract.result()
        self.tools = Tools(qyq, self.pki, self.java('Driver', self.pki.trust), self.path('nss'))

    def path(self, name):
        return os.path.join(self.folder, name)

    def java(self, *arguments):
        self.running.append(Java(self.classes, *arguments))
        return self.running[-1]


@contextlib.contextmanager
def stage():
    qyq, root = sys.argv[1:3]
    folder = tempfile.mkdtemp(prefix='qyq-matrix-')
    made = None
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            made = Stage(qyq, root, folder, pool)
            yield made
    finally:
        for java in made.running if made else []:
            java.stop()
        if 'QYQ_KEEP' in os.environ:
            print('# kept in ' + folder)
        else:
            shutil.rmtree(folder)


def wanted(name):
    """The third argument picks rows by a pattern."""
    return len(sys.argv) < 4 or fnmatch.fnmatchcase(name, sys.argv[3])


def read_table(name):
    """The rows of a table of this folder as dictionaries; # begins a comment line."""
    with open(os.path.join(HERE, name), encoding='utf-8') as f:
        lines = [line.rstrip('\n').split('\t') for line in f if line.strip() and not line.startswith('#')]
    for line in lines[1:]:
        if len(line) != len(lines[0]):
            raise ValueError('%s: %d columns in the row of %s' % (name, len(line), line[0]))
    return [dict(zip(lines[0], line)) for line in lines[1:]]


class Tap:
    def __init__(self):
        self.n = 0

    def point(self, name, wrong):
        """wrong: a list of words, empty when all is well."""
        self.n += 1
        told = ': ' + '; '.join(wrong).replace('\n', ' ') if wrong else ''
        print('%s %d - %s%s' % ('not ok' if wrong else 'ok', self.n, name, told), flush=True)

    def end(self):
        print('1..%d' % self.n)
