"""The browser tests, as one TAP program: starts a demonstration server, lets Chromium walk the flows (run.mjs), then asks outside
tools about the contract that the browser downloaded. Arguments: the qyq executable and the source root.

Pictures are left in $QYQ_TEST_OUTPUT/e2e (or a temporary folder); those that docs/ shows are copied there when they are missing, or
always with QYQ_SCREENSHOTS=1."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'api'))
from harness import QYQ, SOURCE_ROOT, Server  # noqa: E402

# what docs/screenshots shows
SHOWN = ['console-overview.png', 'console-form-blocked.png', 'console-contract.png', 'console-seal.png', 'phone-terms.png', 'phone-read.png',
         'phone-sign.png', 'phone-done.png', 'verify-intact.png']
FLOW_SECONDS = 400


def browse(server, out):
    """The TAP points of run.mjs."""
    run = subprocess.run(['node', os.path.join(SOURCE_ROOT, 'tests/e2e/run.mjs'), server.url.replace('127.0.0.1', 'localhost'),
                          os.path.join(server.data, 'demo.json'), out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         timeout=FLOW_SECONDS)
    points = [line for line in run.stdout.splitlines() if not re.match(r'(TAP version|1\.\.)', line)]
    if not any(re.match(r'(not )?ok', line) for line in points):
        points.append('not ok 0 - the browser tests ran no test')
    return points


def outside(server, pdf):
    """What other tools say about the downloaded contract: (name, command, must appear in the output)."""
    checks = [
        ('pdfsig: three valid signatures, the last over the whole file', ['pdfsig', '-nocert', pdf],
         lambda out: out.count('Signature is Valid') == 3 and 'Total document signed' in out),
        ('qpdf --check', ['qpdf', '--check', pdf], lambda out: 'No syntax or stream encoding errors' in out),
        ('qyq verify', [QYQ, 'verify', '--trust', server.root_pem, '--json', pdf],
         lambda out: '"integrity":"INTACT"' in out and '"verdict":"valid"' in out),
    ]
    for name, command, good in checks:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        ok = run.returncode == 0 and good(run.stdout)
        yield '%s 0 - the downloaded contract: %s' % ('ok' if ok else 'not ok', name)
        if not ok:
            yield from ('# ' + line for line in run.stdout.splitlines()[-20:])


def show(out):
    folder = os.path.join(SOURCE_ROOT, 'docs', 'screenshots')
    os.makedirs(folder, exist_ok=True)
    for name in SHOWN:
        source, target = os.path.join(out, name), os.path.join(folder, name)
        if os.path.exists(source) and (os.environ.get('QYQ_SCREENSHOTS') == '1' or not os.path.exists(target)):
            shutil.copyfile(source, target)


def main():
    keep = os.environ.get('QYQ_TEST_OUTPUT')
    out = os.path.join(keep, 'e2e') if keep else tempfile.mkdtemp(prefix='qyq-e2e.')
    os.makedirs(out, exist_ok=True)
    with Server() as server:
        points = browse(server, out)
        pdf = os.path.join(out, 'contract-final.pdf')
        points += list(outside(server, pdf)) if os.path.exists(pdf) else ['not ok 0 - the browser downloaded no contract']
    show(out)
    failed = number = 0
    for line in points:
        match = re.match(r'(not ok|ok) \d+ - (.*)', line)
        if match:
            number += 1
            failed += match.group(1) == 'not ok'
            line = '%s %d - %s' % (match.group(1), number, match.group(2))
        print(line)
    print('1..%d' % number)
    if not keep:
        shutil.rmtree(out)
    return 1 if failed else 0


sys.exit(main())
