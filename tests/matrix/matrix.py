#!/usr/bin/env python3
"""Our signatures, and what other programs say about them: each row of the acceptance matrix is signed and shown to poppler's
pdfsig, mutool, qpdf and PDFBox with Bouncy Castle; each must say what says.tsv expects of it. TAP on standard output; the
answers as a table in $QYQ_TEST_OUTPUT/matrix.tsv.

usage: matrix.py QYQ SOURCE_ROOT [PATTERN]"""
import concurrent.futures
import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

import pixels
import rows
from pki import Pki
from tools import Java, Tools, compile_java, run

HERE = os.path.dirname(os.path.abspath(__file__))


def expected_table():
    """[(pattern, {tool: words})] of says.tsv; the first pattern that matches a row counts."""
    table = []
    with open(os.path.join(HERE, 'says.tsv'), encoding='utf-8') as f:
        lines = [line.rstrip('\n').split('\t') for line in f if line.strip() and not line.startswith('#')]
    for line in lines[1:]:
        table.append((line[0], dict(zip(lines[0][1:], line[1:]))))
    return table


def one(row, world, tools):
    """(what the tools said, [what is wrong])"""
    try:
        path = row.make(world)
        said, wrong = tools.all(path)
        algorithms = tools.algorithms(path)
        if algorithms != row.algorithms:
            wrong.append('algorithms %s, not %s' % (algorithms, row.algorithms))
        if row.check:
            row.check(world, path)
        return said, wrong
    except Exception as e:  # each row reports for itself
        where = traceback.extract_tb(e.__traceback__)[-1]
        return {}, ['%s: %s (%s:%d)' % (type(e).__name__, e, os.path.basename(where.filename), where.lineno)]


def compare(row, said, table):
    expected = next((e for pattern, e in table if fnmatch.fnmatchcase(row.name, pattern)), None)
    if not expected:
        return ['not in says.tsv']
    return ['%s says "%s", expected "%s"' % (tool, said[tool], expected[tool]) for tool in Tools.NAMES if tool in said and said[tool] != expected[tool]]


def refusals(world):
    """Files and authorities with which nothing may be signed: (words, exit code, base, options)."""
    yield 'a header that does not stand at the start', 1, 'header-offset', []
    for fault in ('imprint', 'nonce', 'refused', 'garbage'):
        for tsa in ('rsa', 'ec', 'sm2'):
            yield 'timestamp authority %s: %s' % (tsa, fault), 4, 'table', ['--tsa', '%s/%s/%s' % (world.tsa, tsa, fault)]


def refused(world, code, base, options):
    out = world.path('refused-%s.pdf' % os.urandom(4).hex())
    got = run(world.qyq, 'sign', world.base(base), out, *world.key_options('p256'), *options)
    wrong = [] if got.returncode == code else ['exit %d, not %d: %s' % (got.returncode, code, got.stderr.decode())]
    if len(got.stderr.decode().splitlines()) != 1:
        wrong.append('not told in one line')
    return wrong + (['something was written'] if os.path.exists(out) else [])


def report(n, name, wrong):
    print('%s %d - %s%s' % ('not ok' if wrong else 'ok', n, name, ': ' + '; '.join(wrong).replace('\n', ' ') if wrong else ''), flush=True)


def write_answers(results):
    out = os.environ.get('QYQ_TEST_OUTPUT')
    if not out:
        return
    with open(os.path.join(out, 'matrix.tsv'), 'w', encoding='utf-8') as f:
        f.write('\t'.join(['row', *Tools.NAMES]) + '\n')
        for row, said, _ in results:
            f.write('\t'.join([row.name, *(said.get(tool, '-') for tool in Tools.NAMES)]) + '\n')


def main():
    qyq, root = sys.argv[1:3]
    pattern = sys.argv[3] if len(sys.argv) > 3 else '*'
    folder = tempfile.mkdtemp(prefix='qyq-matrix-')
    classes = os.path.join(folder, 'classes')
    started = []
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            compiled = pool.submit(compile_java, classes)
            contract = pool.submit(subprocess.run, [qyq, 'render', 'fixed-term-full-time', os.path.join(root, 'schemas/contract.example.json'),
                                                    os.path.join(folder, 'base-contract.pdf')], check=True)
            pki = Pki(os.path.join(folder, 'pki'))
            pixels.write_marks(folder)
            compiled.result()
            tsa = Java(classes, 'Tsa', pki.folder)
            driver = Java(classes, 'Driver', pki.trust)
            started = [tsa, driver]
            tools = Tools(qyq, pki, driver, os.path.join(folder, 'nss'))
            contract.result()
            world = rows.World(folder, qyq, root, pki, tsa.line())
            table = expected_table()
            wanted = [row for row in rows.all_rows(world) if fnmatch.fnmatchcase(row.name, pattern)]
            results = [(row, *answer) for row, answer in zip(wanted, pool.map(lambda row: one(row, world, tools), wanted))]
            for n, (row, said, wrong) in enumerate(results, 1):
                report(n, row.name, wrong + compare(row, said, table))
            n = len(results)
            for words, code, base, options in refusals(world) if pattern == '*' else ():
                n += 1
                report(n, 'refused: ' + words, refused(world, code, base, options))
            write_answers(results)
            print('1..%d' % n)
    finally:
        for java in started:
            java.stop()
        if 'QYQ_KEEP' not in os.environ:
            shutil.rmtree(folder)
        else:
            print('# kept in ' + folder)


main()
