#!/usr/bin/env python3
"""Each kind of file that the program signs, every byte of it changed: never intact. A sample; with QYQ_TEST_EXHAUSTIVE all of them.
TAP on standard output.

usage: flips.py QYQ FLIP"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

from pdf import build, contract

QYQ, FLIP = (os.path.abspath(x) for x in sys.argv[1:3])
EXHAUSTIVE, SANITIZED = 'QYQ_TEST_EXHAUSTIVE' in os.environ, 'ASAN_OPTIONS' in os.environ
STRIDE = '1' if EXHAUSTIVE and not SANITIZED else '6007' if SANITIZED else '907'


def run(*args, cwd=None):
    p = subprocess.run(args, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if p.returncode:
        print(f"Bail out! {' '.join(args)[:300]}: exit {p.returncode}: {p.stdout.decode(errors='replace')[-600:]}")
        sys.exit(1)


def make(d, tsa):
    """All kinds; their names."""
    def qyq(*args):
        run(QYQ, *args, cwd=d)

    def signed(name, source, signer='', *args):
        qyq('sign', source, name, '--key', f'k{signer}.pem', '--cert', f'c{signer}.pem', '--chain', f'h{signer}.pem', *args)
        return name
    for signer, extra in (('', ()), ('2', ('--sm2',))):
        qyq('testca', 'issue', '--dir', 'ca', '--name', 'TEST signer', '--key-out', f'k{signer}.pem', '--cert-out', f'c{signer}.pem',
            '--chain-out', f'h{signer}.pem', *extra)
    run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'rsa.pem', '-out', 'rsa-cert.pem', '-subj', '/CN=TEST RSA',
        '-days', '300', '-addext', 'keyUsage=critical,digitalSignature', cwd=d)
    with open(os.path.join(d, 'trust.pem'), 'wb') as out:
        for name in ('ca/roots.pem', 'rsa-cert.pem'):
            out.write(open(os.path.join(d, name), 'rb').read())
    packed = [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 20]
    for name, base in (('table.pdf', build(contract())), ('stream.pdf', build(contract(), kind='stream', packed=packed))):
        with open(os.path.join(d, name), 'wb') as out:
            out.write(base.data)
    run('qpdf', '--encrypt', '', 'owner', '256', '--', 'table.pdf', 'locked.pdf', cwd=d)
    stamp = ('--tsa', tsa)
    first = signed('certified.pdf', 'table.pdf', '', '--certify', '2', '--field', 'Worker', *stamp)
    qyq('sign', 'table.pdf', 'pss.pdf', '--key', 'rsa.pem', '--cert', 'rsa-cert.pem', '--pss', '--field', 'Worker')
    qyq('sign', 'table.pdf', 'rsa.pdf', '--key', 'rsa.pem', '--cert', 'rsa-cert.pem', '--field', 'Worker')
    return ['rsa.pdf', 'pss.pdf', signed('b.pdf', 'table.pdf', '', '--field', 'Worker'), signed('t.pdf', 'stream.pdf', '', '--field', 'Worker', *stamp),
            signed('two.pdf', first, '', '--field', 'Employer', *stamp), signed('sm2.pdf', 'table.pdf', '2', '--field', 'Worker', '--tsa', tsa + '-sm2'),
            signed('gm.pdf', 'table.pdf', '2', '--oids', 'gm', '--field', 'Worker'), signed('encrypted.pdf', 'locked.pdf', '', '--field', 'Worker', *stamp),
            signed('lt.pdf', 'table.pdf', '', '--field', 'Worker', '--level', 'lt', '--online', *stamp),
            signed('lta.pdf', 'stream.pdf', '', '--field', 'Worker', '--level', 'lta', '--online', *stamp),
            signed('dual.pdf', 'table.pdf', '', '--also-key', 'k2.pem', '--also-cert', 'c2.pem', '--also-chain', 'h2.pem', '--field', 'Worker', *stamp)]


def flip(d, names):
    """The files side by side, as many as there are cores; their lines in one TAP stream, numbered again."""
    point, code = 0, 0

    def one(name):
        return subprocess.run([FLIP, 'trust.pem', STRIDE, name], cwd=d, stdout=subprocess.PIPE, text=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, p in zip(names, pool.map(one, names)):
            for line in p.stdout.splitlines():
                if re.match(r'(not )?ok ', line):
                    point += 1
                    line = re.sub(r'ok \d+', f'ok {point}', line, count=1)
                if not line.startswith('1..'):
                    print(line, flush=True)
            if p.returncode not in (0, 1):
                print(f'Bail out! {name}: exit {p.returncode}')
            code = code or p.returncode
    print(f'1..{point}')
    return code


def main():
    with tempfile.TemporaryDirectory() as d:
        service = subprocess.Popen([QYQ, 'testca', 'serve', '--dir', 'ca', '--port', '0'], stdout=subprocess.PIPE, cwd=d)
        try:
            lines = [service.stdout.readline().decode().split() for _ in range(2)]
            names = make(d, next(words[-1] for words in lines if words[1] == 'TSA'))
            code = flip(d, names)
        finally:
            service.terminate()
            service.wait()
    return code


if __name__ == '__main__':
    sys.exit(main())
