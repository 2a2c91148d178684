#!/usr/bin/env python3
"""Refuses an #include that looks up or sideways: a room may include public headers of rooms on lower floors only.

usage: floors.py [SRC]; prints file:line and the rule for each offence, TAP on standard output."""
import os
import re
import sys

FLOORS = [
    ['base'],
    ['json', 'text', 'crypto'],
    ['db', 'net'],
    ['blob', 'http', 'pdf', 'typeset'],
    ['record', 'job'],
    ['trust'],
    ['party'],
    ['contract', 'dispute', 'service'],
    ['evidence', 'insight'],
    ['rating'],
    ['api'],
    ['app'],
]
# Libraries with wide interfaces stay behind one room.
LIBRARIES = {
    'openssl/': {'crypto'}, 'argon2.h': {'crypto'}, 'jansson.h': {'json'}, 'microhttpd.h': {'http'},
    'sqlite3.h': {'db'}, 'libpq-fe.h': {'db'}, 'curl/': {'net'}, 'qpdf/': {'pdf', 'typeset'},
    'pango/': {'typeset'}, 'cairo': {'typeset'}, 'cmark.h': {'typeset'}, 'qrencode.h': {'typeset'}, 'hb': {'typeset'},
}
INCLUDE = re.compile(r'\s*#\s*include\s+(["<])([^">]+)[">]')


def offences(src):
    floor = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
    for folder, _, files in os.walk(src):
        for name in sorted(files):
            if not name.endswith(('.c', '.h')):
                continue
            path = os.path.join(folder, name)
            room = os.path.relpath(path, src).split(os.sep)[0]
            if room not in floor:
                yield path, 1, f'{room} is not in the floor table of tools/floors.py'
                continue
            for number, line in enumerate(open(path, encoding='utf-8'), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = match.group(2)
                other = target.split('/')[0]
                if match.group(1) == '"' and other in floor and other != room and floor[other] >= floor[room]:
                    how = 'a neighbour' if floor[other] == floor[room] else 'a room above'
                    yield path, number, f'{room} (floor {floor[room]}) includes {target} of {how} (floor {floor[other]})'
                if match.group(1) == '"' and other in floor and other != room and target.endswith('_priv.h'):
                    yield path, number, f'{target} is private to {other}'
                for prefix, owners in LIBRARIES.items():
                    if match.group(1) == '<' and target.startswith(prefix) and room not in owners:
                        yield path, number, f'<{target}> belongs to {", ".join(sorted(owners))} alone'


def main():
    src = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..', 'src')
    found = list(offences(src))
    for path, number, rule in found:
        print(f'# {os.path.relpath(path)}:{number}: {rule}')
    print('1..1')
    print(('not ok' if found else 'ok') + ' 1 - every include looks down')
    return 1 if found else 0


sys.exit(main())
