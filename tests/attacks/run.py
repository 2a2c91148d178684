#!/usr/bin/env python3
"""Builds every file of the corpus and asks qyq verify: integrity, exit code and the shape of the answer. TAP on standard output.

usage: run.py QYQ [MODULE]"""
import collections
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

from corpus import all_cases
from kit import Kit, exit_of
from known import reason_for

BATCH = 40
TOP = {'file': str, 'integrity': str, 'trust': str, 'strength': str, 'verdict': str, 'reasons': list, 'signatures': list}
SIGNATURE = {'field': str, 'kind': str, 'subfilter': str, 'signer': str, 'issuer': str, 'digest': str, 'algorithm': str,
             'signing_time': (str, type(None)), 'timestamp': (dict, type(None)), 'level': str, 'coverage': str, 'integrity': str, 'trust': str,
             'reasons': list}
TIMESTAMP = {'time': str, 'tsa': str, 'imprint_alg': str, 'valid': bool}
REASON = {'code': str, 'object': (int, type(None)), 'text': str}
WORST_FIRST = ['BROKEN', 'TAMPERED', 'CHANGED', 'TST_BAD', 'UNSUPPORTED', 'INTACT_EXTENDED', 'INTACT']
SECONDS, MEMORY = 3, 512 << 20
SANITIZED = 'ASAN_OPTIONS' in os.environ  # slower, and in need of address space
EXHAUSTIVE = 'QYQ_TEST_EXHAUSTIVE' in os.environ
SAMPLE = 41 if SANITIZED else 11  # of the systematic rows, one in so many


def shape(value, fields, where):
    """What is wrong with an object of the answer, or nothing."""
    for key, kind in fields.items():
        if key not in value:
            return f'{where}: {key} is missing'
        if not isinstance(value[key], kind):
            return f'{where}: {key} is a {type(value[key]).__name__}'
    return None


def wrong_shape(r):
    found = [shape(r, TOP, 'file')] + [shape(x, REASON, 'reason') for x in r['reasons']]
    for s in r['signatures']:
        found += [shape(s, SIGNATURE, 'signature')] + [shape(x, REASON, 'reason') for x in s['reasons']]
        if s['timestamp']:
            found.append(shape(s['timestamp'], TIMESTAMP, 'timestamp'))
    if r['signatures']:
        worst = min((s['integrity'] for s in r['signatures']), key=WORST_FIRST.index)
        if WORST_FIRST.index(r['integrity']) > WORST_FIRST.index(worst):
            found.append(f"{r['integrity']} for the file although a signature is {worst}")
    return next((x for x in found if x), None)


def contradiction(r):
    """What no answer may say, whatever the file."""
    coverage = [s['coverage'] for s in r['signatures']]
    if r['integrity'] == 'INTACT' and 'whole' not in coverage:
        return 'INTACT, and no signature covers the whole file'
    if r['integrity'] == 'INTACT_EXTENDED' and 'whole' in coverage:
        return 'INTACT_EXTENDED, and a signature covers the whole file'
    for s in r['signatures']:
        intact = s['integrity'].startswith('INTACT')
        if intact and s['coverage'] == 'partial':
            return f"{s['field']}: intact, and covers no revision"
        if not intact and not s['reasons'] and not r['reasons']:
            return f"{s['field']}: {s['integrity']} without a reason"
    if r['verdict'] == 'valid' and not (r['integrity'].startswith('INTACT') and r['trust'] == 'PASSED'):
        return 'valid, and not intact or not trusted'
    if not r['signatures'] and r['integrity'] not in ('UNSIGNED', 'UNREADABLE', 'UNSUPPORTED', 'CHANGED', 'BROKEN'):
        return f"{r['integrity']} without a signature"
    return None


def limits():
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def ask(qyq, trust, paths):
    """Exit code and one answer a file."""
    p = subprocess.run([qyq, 'verify', '--json', '--lang', 'en', '--trust', trust, *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=120, preexec_fn=limits)
    try:
        answers = [json.loads(line) for line in p.stdout.splitlines()]
    except ValueError:  # it died while writing
        answers = []
    return p.returncode, answers, p.stderr.decode(errors='replace')


def exit_of_answer(r):
    return {'valid': 0, 'invalid': 1, 'indeterminate': 2, 'unsigned': 3, 'unreadable': 3}[r['verdict']]


def judge(c, r):
    """What is wrong with an answer, or nothing."""
    wrong = wrong_shape(r) or contradiction(r)
    if wrong:
        return wrong
    if r['integrity'] not in c.want:
        why = [f"{s['field']} {s['integrity']}: " + '; '.join(x['code'] + ' ' + x['text'] for x in s['reasons'][:4]) for s in r['signatures']]
        return f"{r['integrity']}, not {' or '.join(c.want)} ({' | '.join(why)} {'; '.join(x['code'] + ' ' + x['text'] for x in r['reasons'][:3])})"
    want = exit_of(r['integrity']) if c.exit is None else c.exit
    if exit_of_answer(r) != want:
        return f"exit {exit_of_answer(r)}, not {want} ({r['trust']})"
    for field, code in c.signatures.items():
        got = [s['integrity'] for s in r['signatures'] if s['field'] == field]
        if got != [code]:
            return f'signature {field} is {got}, not {code}'
    return None


def worse(codes):
    return next((x for x in (1, 3, 2) if x in codes), 0)


class Tap:
    def __init__(self):
        self.n, self.failed, self.rows = 0, 0, collections.Counter()

    def point(self, row, name, wrong):
        self.n += 1
        self.rows[row] += 1
        known = reason_for(f'{row}: {name}') if wrong else None
        self.failed += bool(wrong) and not known
        print(f"{'not ok' if wrong else 'ok'} {self.n} - {row}: {name}" + (f' # TODO {known}' if known else ''))
        if wrong:
            print('# ' + wrong.replace('\n', ' '))


def batch(qyq, trust, part, paths, tap):
    """Several files in one call; when that call fails as a whole, each by itself."""
    try:
        code, answers, err = ask(qyq, trust, paths)
    except subprocess.TimeoutExpired:
        code, answers, err = None, [], 'timeout'
    if len(answers) != len(paths):
        if len(paths) == 1:
            tap.point(part[0].row, part[0].name, f'exit {code}, no answer: {err[:1500]}')
            return
        for c, path in zip(part, paths):
            batch(qyq, trust, [c], [path], tap)
        return
    for c, path, r in zip(part, paths, answers):
        tap.point(c.row, c.name, judge(c, r) if r['file'] == path else 'answers out of order')
    want = worse([exit_of_answer(r) for r in answers])
    if code != want:
        tap.point(part[0].row, f'exit of a call with {len(paths)} files', f'{code}, not {want}: {err[-300:]}')


def damaged(qyq, trust, c, path, tap):
    """By itself, on a clock (of its own work: others may share the machine) and under a limit."""
    def worked():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    before = worked()
    batch(qyq, trust, [c], [path], tap)
    took = worked() - before
    if took > SECONDS / 3:
        print(f'# {took:.2f} s')
    if took > SECONDS:
        tap.point(c.row, c.name + ': time', f'{took:.1f} s')


def skipped(c, i):
    """The systematic rows are sampled; with sanitizers, more of them."""
    if c.row.startswith('every'):
        return i % SAMPLE
    return SANITIZED and c.row in ('truncated', 'damaged: numbers', 'damaged: nesting', 'universal forgery') and i % 4


def main():
    qyq, only = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    tap, started = Tap(), time.monotonic()
    with tempfile.TemporaryDirectory(dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None) as folder:
        kit = Kit(os.path.join(folder, 'pki'))
        part, paths = [], []
        for i, c in enumerate(all_cases(kit, only)):
            if skipped(c, i) and not only and not EXHAUSTIVE:
                continue
            path = os.path.join(folder, f'{i:04d}.pdf')
            with open(path, 'wb') as f:
                f.write(c.data)
            if c.row.startswith('damaged') and not SANITIZED:
                damaged(qyq, kit.pki.trust, c, path, tap)
                os.unlink(path)
                continue
            part.append(c._replace(data=b''))
            paths.append(path)
            if len(part) == BATCH:
                batch(qyq, kit.pki.trust, part, paths, tap)
                part, paths = [], []
        if part:
            batch(qyq, kit.pki.trust, part, paths, tap)
    print(f'1..{tap.n}')
    print(f"# {time.monotonic() - started:.1f} s; " + ', '.join(f'{row} {n}' for row, n in sorted(tap.rows.items())))
    return 1 if tap.failed else 0


if __name__ == '__main__':
    sys.exit(main())
