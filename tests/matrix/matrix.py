#!/usr/bin/env python3
"""Our signatures, and what other programs say about them: each row of the acceptance matrix is signed and shown to poppler's
pdfsig, mutool, qpdf and PDFBox with Bouncy Castle; each must say what says.tsv expects of it. TAP on standard output; the
answers as a table in $QYQ_TEST_OUTPUT/matrix.tsv.

usage: matrix.py QYQ SOURCE_ROOT [PATTERN]"""
import fnmatch
import os
import traceback

import pixels
import rows
from stage import Tap, read_table, stage, wanted
from tools import Tools, run


def one(row, world, tools):
    """(what the tools said, [what is wrong])"""
    try:
        path = row.make(world)
        said, wrong = tools.all(path, row.password)
        algorithms = tools.algorithms(path, row.password)
        if algorithms != row.algorithms:
            wrong.append('algorithms %s, not %s' % (algorithms, row.algorithms))
        if row.check:
            row.check(world, path)
        return said, wrong
    except Exception as e:  # each row reports for itself
        where = traceback.extract_tb(e.__traceback__)[-1]
        return {}, ['%s: %s (%s:%d)' % (type(e).__name__, e, os.path.basename(where.filename), where.lineno)]


def compare(row, said, table):
    """The first pattern of the table that matches the row's name counts."""
    expected = next((e for e in table if fnmatch.fnmatchcase(row.name, e['row'])), None)
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


def write_answers(results):
    out = os.environ.get('QYQ_TEST_OUTPUT')
    if not out:
        return
    with open(os.path.join(out, 'matrix.tsv'), 'w', encoding='utf-8') as f:
        f.write('\t'.join(['row', *Tools.NAMES]) + '\n')
        for row, said, _ in results:
            f.write('\t'.join([row.name, *(said.get(tool, '-') for tool in Tools.NAMES)]) + '\n')


def main():
    with stage() as s:
        pixels.write_marks(s.folder)
        world = rows.World(s, s.java('Tsa', s.pki.folder).line())
        table = read_table('says.tsv')
        todo = [row for row in rows.all_rows(world) if wanted(row.name)]
        results = [(row, *answer) for row, answer in zip(todo, s.pool.map(lambda row: one(row, world, s.tools), todo))]
        tap = Tap()
        for row, said, wrong in results:
            tap.point(row.name, wrong + compare(row, said, table))
        for words, code, base, options in refusals(world):
            if wanted('refused'):
                tap.point('refused: ' + words, refused(world, code, base, options))
        write_answers(results)
        tap.end()


main()
