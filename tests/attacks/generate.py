#!/usr/bin/env python3
"""Writes the corpus for other validators: one file a case, trust.pem, and manifest.json with the expected verdicts.

usage: generate.py DIR [MODULE]"""
import json
import os
import re
import sys

from corpus import all_cases
from kit import Kit, exit_of


def main():
    folder, only = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    kit = Kit(os.path.join(folder, 'pki'))
    rows = []
    for i, c in enumerate(all_cases(kit, only)):
        name = f"{i:04d}-{re.sub('[^a-zA-Z0-9]+', '-', c.row + ' ' + c.name)[:80].strip('-')}.pdf"
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(c.data)
        rows.append({'file': name, 'row': c.row, 'name': c.name, 'integrity': list(c.want), 'signatures': c.signatures,
                     'exit': sorted({exit_of(w) for w in c.want}) if c.exit is None else [c.exit]})
    with open(os.path.join(folder, 'manifest.json'), 'w') as f:
        json.dump({'trust': 'pki/trust.pem', 'cases': rows}, f, ensure_ascii=False, indent=1)
    print(f'{len(rows)} files in {folder}')


if __name__ == '__main__':
    sys.exit(main())
