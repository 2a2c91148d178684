#!/usr/bin/env python3
"""qyq check as a stranger calls it: exit codes, one-line reasons, the shape of the answer. TAP on standard output.

usage: check.py QYQ SOURCE_ROOT"""
import copy
import json
import os
import random
import subprocess
import sys
import tempfile

QYQ, ROOT = sys.argv[1:3]
EXAMPLE = json.load(open(os.path.join(ROOT, 'schemas/contract.example.json'), encoding='utf-8'))
results = []


def run(*args, stdin=None):
    p = subprocess.run([QYQ, 'check', *args], input=stdin, capture_output=True, timeout=60)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def case(name):
    def wrap(fn):
        try:
            fn()
            results.append((True, name))
        except Exception as e:  # each case reports for itself
            results.append((False, f'{name}: {type(e).__name__} {e}'.replace('\n', ' ')))
    return wrap


def checked(data, *args):
    code, out, err = run(*args, '-', stdin=json.dumps(data).encode())
    answer = json.loads(out)
    assert not err, err
    assert code == (1 if any(f['severity'] == 'block' for f in answer['findings']) else 0), code
    return answer


def refused(stdin, code=3, args=('-',), says=''):
    got, out, err = run(*args, stdin=stdin)
    assert got == code, f'exit {got}'
    assert out == '', out
    assert err.count('\n') == 1 or code == 64, err
    assert says in err, err


def changed(pointer, value):
    data = copy.deepcopy(EXAMPLE)
    at = data
    *path, last = pointer.strip('/').split('/')
    for step in path:
        at = at[step]
    at[last] = value
    return data


@case('the example is lawful')
def _():
    code, out, err = run(os.path.join(ROOT, 'schemas/contract.example.json'))
    assert (code, err) == (0, ''), (code, err)
    assert json.loads(out) == {'law_date': EXAMPLE['header']['sign_date'], 'findings': []}


@case('a blocking finding has the promised shape')
def _():
    answer = checked(changed('/term/probation_end', '2026-09-01'))
    finding = answer['findings'][0]
    assert list(finding) == ['rule', 'severity', 'article', 'message', 'fields'], finding
    assert finding['rule'] == 'C14' and finding['severity'] == 'block' and '第十九条' in finding['article']
    assert '/term/probation_end' in finding['fields'] and '6 个月' in finding['message']


@case('a wrong check digit is a finding, not an input error')
def _():
    assert checked(changed('/worker/id_number', '000000199505200017'))['findings'][0]['rule'] == 'I01'


@case('empty data is readable and blocked')
def _():
    rules = {f['rule'] for f in checked({})['findings']}
    assert {'C07', 'C12', 'W02'} <= rules, rules


@case('--at asks the law of that day')
def _():
    data = changed('/pay', dict(EXAMPLE['pay'], amount_fen=170000, composition=[], probation_amount_fen=170000))
    before, after = checked(data, '--at', '2025-02-28'), checked(data, '--at', '2025-03-01')
    assert before['law_date'] == '2025-02-28'
    assert 'W01' not in {f['rule'] for f in before['findings']}
    assert 'W01' in {f['rule'] for f in after['findings']}


@case('English beside Chinese')
def _():
    answer = checked(changed('/optional/deposit_fen', 50000), '--lang', 'en')
    assert 'A deposit of 500.00 yuan' in answer['findings'][0]['message']


@case('the rules as JSON')
def _():
    code, out, _err = run('--rules', '--json')
    rules = json.loads(out)['rules']
    assert code == 0 and {'C12', 'C14', 'C16', 'W01', 'A01', 'I01'} <= {r['rule'] for r in rules}
    assert all(r['severity'] in ('block', 'warn', 'info') and r['title'] and r['article'] for r in rules)


@case('rules as words, markdown, and the schema')
def _():
    for args in (['--rules'], ['--rules', '--markdown'], ['--schema'], ['--help']):
        code, out, err = run(*args)
        assert code == 0 and out and not err, args
    assert json.loads(run('--schema')[1])['additionalProperties'] is False


@case('wrong usage')
def _():
    for args in ([], ['--at'], ['--at', '2026-02-30', '-'], ['--nonsense', '-'], ['a', 'b'], ['--rules', 'x.json'],
                 ['--lang', 'tlh', '-'], ['--markdown', '-'], ['--rules', '--schema'], ['--rules', '--json', '--markdown']):
        refused(b'{}', 64, tuple(args))


@case('not JSON, wrong types, unknown and doubled fields')
def _():
    for text, says in ((b'', 'json_syntax'), (b'not json', 'json_syntax'), (b'[]', 'json_type'), (b'null', 'json_type'), (b'1', 'json_type'),
                       (b'{"header":{}', 'json_syntax'), (b'{} {}', 'json_syntax'), (b'\xff\xfe', ''), (b'{"a\x00":1}', ''),
                       (b'{"pay":{"wage":1}}', '/pay/wage'), (b'{"extra":1}', '/extra'), (b'{"pay":{"amount_fen":"6000"}}', '/pay/amount_fen'),
                       (b'{"pay":{"amount_fen":1e3}}', '/pay/amount_fen'), (b'{"pay":{"amount_fen":99999999999999999999}}', ''),
                       (b'{"term":{"end":"2026-02-29"}}', '/term/end'), (b'{"term":{"kind":"forever"}}', '/term/kind'),
                       (b'{"worker":{"name":1}}', '/worker/name'), (b'{"worker":[]}', '/worker'),
                       (b'{"worker":{"name":"a","name":"b"}}', 'json_duplicate'),
                       (b'{"insurance":{"schemes":["pension","luck"]}}', '/insurance/schemes/1')):
        refused(text, says=says)


@case('too deep, too large, too long')
def _():
    refused(b'[' * 100000)
    refused(b'{"optional":{"other_terms":"' + b'x' * (1 << 20) + b'"}}')
    refused(json.dumps(changed('/worker/name', '张' * 101)).encode(), says='/worker/name')
    with tempfile.NamedTemporaryFile() as f:
        f.truncate(1 << 30)
        refused(b'', 3, (f.name,))


def invented(schema, rng):
    """Some value that the schema allows."""
    kind = schema['type']
    if 'enum' in schema:
        return rng.choice(schema['enum'])
    if kind == 'object':
        wanted = set(schema.get('required', []))
        return {k: invented(v, rng) for k, v in schema['properties'].items() if k in wanted or rng.random() < 0.6}
    if kind == 'array':
        return [invented(schema['items'], rng) for _ in range(rng.choice([0, 1, 2, min(5, schema['maxItems'])]))]
    if kind == 'integer':
        return rng.choice([schema['minimum'], schema['maximum'], rng.randint(schema['minimum'], schema['maximum'])])
    if kind == 'boolean':
        return rng.random() < 0.5
    if schema.get('format') == 'date':
        return f'{rng.choice([1900, 1960, 2007, 2010, 2025, 2026, 2027, 2999])}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}'
    n = rng.choice([schema.get('minLength', 0), 1, 6, 18, schema['maxLength']])
    return ''.join(rng.choice('张示例 A0X_\u3000\n"\\😀押金') for _ in range(min(max(n, schema.get('minLength', 0)), schema['maxLength'])))


def fits(schema, value, at=''):
    """Refuses what the schema does not allow; only the keywords that our schema uses."""
    types = {'object': dict, 'array': list, 'string': str, 'integer': int, 'boolean': bool}
    assert isinstance(value, types[schema['type']]) and not (schema['type'] == 'integer' and isinstance(value, bool)), at
    assert value in schema.get('enum', [value]), at
    if schema['type'] == 'object':
        assert set(value) <= set(schema['properties']) and set(schema.get('required', [])) <= set(value), at
        for k, v in value.items():
            fits(schema['properties'][k], v, f'{at}/{k}')
    elif schema['type'] == 'array':
        for i, v in enumerate(value):
            fits(schema['items'], v, f'{at}/{i}')


@case('the example fits the schema, and whatever the schema allows can be read')
def _():
    schema = json.load(open(os.path.join(ROOT, 'schemas/contract.schema.json'), encoding='utf-8'))
    fits(schema, EXAMPLE)
    seed = int(os.environ.get('QYQ_SEED', '20260301'))
    rng = random.Random(seed)
    for i in range(60):
        data = invented(schema, rng)
        code, out, err = run('--at', rng.choice(['2007-06-01', '2012-01-01', '2026-03-01']), '-', stdin=json.dumps(data).encode())
        assert code in (0, 1) and not err, f'seed {seed}, document {i}: exit {code} {err}'
        for finding in json.loads(out)['findings']:
            assert '{' not in finding['message'] and finding['fields'], finding


@case('files that cannot be read')
def _():
    refused(b'', 74, ('/nonexistent/data.json',))
    refused(b'', 74, (ROOT,))


@case('an answer that cannot be written')
def _():
    with open('/dev/full', 'wb') as full:
        p = subprocess.run([QYQ, 'check', '-'], input=b'{}', stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert p.returncode == 74 and p.stderr.count(b'\n') == 1, p


@case('law data of a folder; broken data stops the check')
def _():
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, 'minimum-wage.json')
        row = {'areas': ['4418'], 'from': '2026-01-01', 'to': None, 'monthly_fen': 700000, 'hourly_fen': 4000, 'source': 'TEST', 'confirmed': True}
        json.dump({'rows': [row]}, open(path, 'w'))
        assert 'W01' in {f['rule'] for f in checked(EXAMPLE, '--law', d)['findings']}
        open(path, 'w').write('{')
        refused(json.dumps(EXAMPLE).encode(), 74, ('--law', d, '-'), 'minimum-wage.json')


print(f'1..{len(results)}')
for number, (ok, name) in enumerate(results, 1):
    print(f'{"ok" if ok else "not ok"} {number} - {name}')
sys.exit(0 if all(ok for ok, _ in results) else 1)
