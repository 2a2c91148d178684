#!/usr/bin/env python3
"""Counts what ./test ran: TAP files (*.tap) and Meson's logs (*.json) of a folder. Prints each failure, then one closing line.

A program that died, timed out or printed no plan counts as a failure of its own, so that silence never passes."""
import json
import os
import re
import sys

POINT = re.compile(r'^(not ok|ok)\b[ \d-]*(.*)$')


def count_tap(name, text, totals):
    ran = 0
    for line in text.splitlines():
        match = POINT.match(line)
        if not match:
            continue
        ran += 1
        words = match.group(2)
        if re.search(r'#\s*SKIP', words, re.I):
            totals['skipped'] += 1
            print(f'skipped: {name}: {words}')
        elif match.group(1) == 'ok':
            totals['passed'] += 1
        else:
            totals['failed'] += 1
            print(f'FAILED: {name}: {words}')
    return ran


def count_meson(path, totals):
    with open(path, encoding='utf-8') as f:
        for line in f:
            test = json.loads(line)
            name = f'{os.path.basename(path)[:-5]} {test["name"]}'
            failed_before = totals['failed']
            ran = count_tap(name, test.get('stdout') or '', totals)
            if test['result'] not in ('OK', 'SKIP') and totals['failed'] == failed_before:
                totals['failed'] += 1
                print(f'FAILED: {name}: {test["result"]} (exit {test.get("returncode")})')
            elif ran == 0 and test['result'] == 'OK':
                totals['failed'] += 1
                print(f'FAILED: {name}: ran no test')


def main():
    folder = sys.argv[1]
    totals = {'passed': 0, 'failed': 0, 'skipped': 0}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.endswith('.tap'):
            with open(path, encoding='utf-8') as f:
                count_tap(name[:-4], f.read(), totals)
        elif name.endswith('.json'):
            count_meson(path, totals)
    print(f'{totals["passed"]} passed, {totals["failed"]} failed, {totals["skipped"]} skipped')
    return 1 if totals['failed'] or not totals['passed'] else 0


sys.exit(main())
