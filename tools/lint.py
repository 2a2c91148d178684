#!/usr/bin/env python3
"""Habits that a compiler does not check: functions that are not used here, the form of comments, notes left behind.

usage: lint.py [SRC]; prints file:line and the rule for each offence, TAP on standard output.

Functions are looked for in the code alone (texts and comments are blanked first), in all of src but its tests; the
comment rules hold for tests too."""
import os
import re
import sys

BANNED = {
    'strcpy': 'copy views: arena_sv, buf_add', 'strcat': 'use struct buf', 'sprintf': 'use arena_printf or buf_printf',
    'vsprintf': 'use arena_printf or buf_printf', 'strtok': 'use sv_cut', 'strtok_r': 'use sv_cut',
    'atoi': 'use sv_i64', 'atol': 'use sv_i64', 'atoll': 'use sv_i64', 'atof': 'no bounds, no error',
    'strtol': 'use sv_i64', 'strtoul': 'use sv_u64', 'strtoll': 'use sv_i64', 'strtoull': 'use sv_u64',
    'sscanf': 'use sv_cut and sv_i64', 'scanf': 'reads without bounds', 'gets': 'reads without bounds',
    'alloca': 'the stack is limited', 'localtime': 'Beijing time is date_beijing', 'localtime_r': 'use date_beijing',
    'mktime': 'depends on the host', 'gmtime': 'not for threads', 'rand': 'use random_below', 'random': 'use random_below',
    'tmpnam': 'use dir_temp', 'mktemp': 'use dir_temp',
}
CALL = re.compile(r'(?<![\w.>])(' + '|'.join(BANNED) + r')\s*\(')
NOTE = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b')
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


STRING = re.compile(r'(/\*.*?\*/|//[^\n]*)|"(?:\\.|[^"\\\n])*"', re.S)


def blank_text(match):
    return match.group(1) or ' ' * len(match.group(0))


def blank(match):
    """The same number of lines and columns, without the words; a line comment stays to be seen."""
    text = match.group(0)
    if text.startswith('//'):
        return '//' + ' ' * (len(text) - 2)
    return re.sub(r'[^\n]', ' ', text)


def offences_in(path, text):
    is_test = os.path.basename(path).startswith(('test_', 'fuzz_'))
    for number, line in enumerate(STRING.sub(blank_text, text).split('\n'), 1):
        if match := NOTE.search(line):
            yield path, number, f'{match.group(1)}: finish it or write down where it is planned'
    for number, line in enumerate(TOKEN.sub(blank, text).split('\n'), 1):
        if '//' in line:
            yield path, number, 'comments that stay are /* … */'
        for match in () if is_test else CALL.finditer(line):
            yield path, number, f'{match.group(1)}: {BANNED[match.group(1)]}'


def offences(src):
    for folder, _, files in sorted(os.walk(src)):
        for name in sorted(files):
            if name.endswith(('.c', '.h')):
                path = os.path.join(folder, name)
                yield from offences_in(path, open(path, encoding='utf-8').read())


# What the rules must find, and what they must leave alone: a lint that finds nothing proves nothing.
FINDS = ['strcpy(a, b);', 'x = atoi (s);', 'int x; // why', '/* TODO */', 'a("x"); sprintf(b, "y");', 'f(strtol(s, 0, 9));']
LEAVES = ['/* strcpy(a, b) */', '"atoi(s)"', 'my_strcpy(a);', '"http://x"', 'snprintf(b, n, "x");', "'\"'; f(\"//\");",
          '/* a // b */', 'sv_gets(x);', '"XXX"', 'o->random(x);']


def self_test():
    for text in FINDS:
        if not list(offences_in('x.c', text)):
            yield f'misses {text}'
    for text in LEAVES:
        if found := list(offences_in('x.c', text)):
            yield f'refuses {text}: {found[0][2]}'


def main():
    src = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), '..', 'src')
    found, wrong = list(offences(src)), list(self_test())
    for path, number, rule in found:
        print(f'# {os.path.relpath(path)}:{number}: {rule}')
    for what in wrong:
        print(f'# {what}')
    print('1..2')
    print(('not ok' if wrong else 'ok') + ' 1 - the rules find what they should and nothing else')
    print(('not ok' if found else 'ok') + ' 2 - no banned functions, line comments or notes in src')
    return 1 if found or wrong else 0


sys.exit(main())
