#!/usr/bin/env python3
"""The reverse: files that other programs made, signed and changed, and what qyq verify says of them. The steps and the expected
answers stand in foreign.tsv. Where a file is to be found whole, PDFBox with Bouncy Castle must find its signatures good
as well: else the test itself made a bad file. TAP on standard output.

usage: foreign.py QYQ SOURCE_ROOT [PATTERN]"""
import os
import re
import shutil
import subprocess

import bases
from stage import HERE, Tap, read_table, stage, wanted
from tools import covers, run

PASSWORD = 'TEST'


class World:
    def __init__(self, s):
        self.stage, self.pki = s, s.pki
        for family in ('rsa', 'ec'):
            for by in ('root-', 'issuing-'):
                self.pki.revocation_list(by + family)
        self.java = s.java('Foreign', self.pki.folder)
        self.nss = s.path('nss-keys')
        shutil.copytree(s.tools.nss, self.nss)
        for key in ('rsa2048', 'rsa3072', 'p256'):
            self.bundle(key)
            self.run('pk12util', '-d', self.nss, '-i', self.pki.path(key + '.p12'), '-K', '', '-W', PASSWORD)

    def bundle(self, key):
        signer = self.pki.signers[key]
        self.run('openssl', 'pkcs12', '-export', '-name', key, '-inkey', signer.key, '-in', signer.cert, '-certfile', signer.chain, '-out',
                 self.pki.path(key + '.p12'), '-passout', 'pass:' + PASSWORD)

    def run(self, *command):
        got = run(*command)
        if got.returncode:
            raise RuntimeError('%s: %d %s' % (' '.join(command), got.returncode, (got.stdout + got.stderr).decode(errors='replace')[-300:]))
        return got.stdout.decode(errors='replace')

    def java_step(self, program, verb, before, after, o):
        answer = self.java.ask('\t'.join([program, verb, before or '-', after, *('%s=%s' % pair for pair in o.items())]))
        if answer != 'ok':
            raise RuntimeError('%s %s: %s' % (program, verb, answer))

    def pdfsig(self, verb, before, after, o):
        place = ['-sign', o['field']] if 'field' in o else ['-add-signature']
        self.run('pdfsig', before, after, *place, '-nssdir', self.nss, '-nick', o.get('key', 'rsa2048'), *(['-etsi'] if 'etsi' in o else []))

    def mutool(self, verb, before, after, o):
        if verb == 'rewrite':
            self.run('mutool', 'clean', before, after)
        elif verb == 'sign':
            told = re.findall(r'Verifying signature (\d+):\n\tSignature is not signed', self.run('mutool', 'sign', '-v', before))
            key = o.get('key', 'rsa2048')
            self.run('mutool', 'sign', '-s', self.pki.path(key + '.p12'), '-P', PASSWORD, '-o', after, before, told[0])
        else:
            shutil.copy(before, after)
            self.run('mutool', 'run', os.path.join(HERE, 'annotate.js'), after, verb)

    def qyq(self, verb, before, after, o):
        key = self.pki.signers[o.pop('key', 'p384')].options()
        self.run(self.stage.qyq, 'sign', before, after, *key, *(word for pair in o.items() for word in ('--' + pair[0], pair[1])))

    def qpdf(self, verb, before, after, o):
        self.run('qpdf', before, after)

    def step(self, words, before, after):
        """Does one step and answers the path of its result."""
        program, options = words[0], dict((w.split('=', 1) + ['1'])[:2] for w in words[2:])
        if program == 'contract':
            return self.stage.path('base-contract.pdf')
        if program == 'base':
            return bases.make(self.stage.folder, words[1])
        if program in ('pdfbox', 'itext', 'itext2'):
            self.java_step(program, words[1], before, after, options)
        else:
            getattr(self, program)(words[1], before, after, options)
        return after

    def make(self, row):
        path = None
        for i, step in enumerate(row['steps'].split(' > ')):
            path = self.step(step.split(), path, self.stage.path('%s.%d.pdf' % (row['row'].split(' ')[0], i)))
        return path


# For the product of the exhaustive run. Who signs first: (steps, level of certification or 0, does its certificate lead to a root)
FIRST = [('%s sign field=Worker%s' % (program, ' certify=%d' % level if level else ''), level, program != 'mutool')
         for program, levels in (('pdfbox', (0, 1, 2, 3)), ('itext', (0, 1, 2, 3)), ('itext2', (0, 2)), ('pdfsig', (0,)), ('mutool', (0,)), ('qyq', (0, 2, 3)))
         for level in levels]
# What happens then: (step, the lowest level of certification that allows it; 4: none does)
CHANGES = [('', 1), ('pdfbox fill', 2), ('itext fill', 2), ('itext2 fill', 2), ('mutool fill', 2), ('pdfbox annotate', 3), ('itext annotate', 3),
           ('mutool annotate', 3), ('pdfbox dss', 1), ('pdfbox paint', 4), ('pdfbox turn', 4), ('itext paint', 4), ('itext script', 4)]
SECOND = [('', True), ('pdfbox sign field=Employer key=p256', True), ('itext sign field=Employer key=p256', True), ('pdfsig sign field=Employer key=rsa3072', True),
          ('mutool sign key=rsa3072', False), ('qyq sign field=Employer', True), ('pdfbox stamp', True)]
ORIGINS = ['pdfbox new', 'itext new', 'itext new compressed']


def product():
    """Each first signature with each later change and each second signature; the verdict follows from the levels."""
    n = 0
    for first, level, trusted in FIRST:
        for change, needs in CHANGES:
            for second, also_trusted in SECOND:
                n += 1
                allowed = needs < 4 and (not level or level >= needs) and (level != 1 or not second or 'stamp' in second)
                if not allowed and second.startswith('qyq'):
                    continue  # refuses to sign what is not in order any more
                integrity = 'CHANGED' if not allowed else 'INTACT' if second or not change else 'INTACT_EXTENDED'
                trust = 'dss' in change or (trusted and also_trusted)  # the DSS brings the CAs that MuPDF leaves out
                verdict = 'invalid' if not allowed else 'valid' if trust else 'indeterminate'
                steps = [step for step in (ORIGINS[n % 3], first, change, second) if step]
                yield {'row': 'product-%d %s' % (n, ' > '.join(steps)), 'steps': ' > '.join(steps), 'expected': '%s %s' % (integrity, verdict)}


def check(world, row):
    """[what is wrong]"""
    try:
        path = world.make(row)
        said, whole = world.stage.tools.qyq(path)
        expected = row['expected']
        if expected.startswith('!'):
            integrity, verdict = expected[1:].split(' ')
            wrong = said.startswith(integrity) or ' %s:' % verdict not in said
        else:
            wrong = said != expected if ':' in expected else not said.startswith(expected + ':')
        if wrong:
            return ['qyq says "%s", expected "%s" (%s)' % (said, expected, reasons(world, path))]
        if expected.startswith('INTACT'):
            others = world.stage.tools.bouncycastle(path)[0]
            known = r'\*\d+|\+stamp|\+revocation|[()]' + ('| untrusted' if 'indeterminate' in expected else '')
            if any(word.strip() != 'valid' for word in re.sub(known, '', others).split(',')):
                return ['the file is not good: Bouncy Castle says "%s"' % others]
            if not covers(whole, expected.startswith('INTACT_EXTENDED')):
                return ['which signatures cover the whole file: %s' % whole]
        return []
    except (RuntimeError, subprocess.TimeoutExpired, OSError) as e:
        return ['%s: %s' % (type(e).__name__, e)]


def reasons(world, path):
    r = world.stage.tools.report(path, '--lang', 'en')
    every = [x for s in [r, *r['signatures']] for x in s['reasons'] if x['code'] != 'revocation_unknown']
    return ' / '.join(dict.fromkeys('%s: %s' % (x['code'], x['text']) for x in every))


def main():
    with stage() as s:
        world = World(s)
        rows = read_table('foreign.tsv') + (list(product()) if 'QYQ_TEST_EXHAUSTIVE' in os.environ else [])
        todo = [row for row in rows if wanted(row['row'])]
        tap = Tap()
        for row, wrong in zip(todo, s.pool.map(lambda row: check(world, row), todo)):
            tap.point('%s: %s' % (row['row'], row['expected'].lstrip('!')), wrong)
        tap.end()


main()
