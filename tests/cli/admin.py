#!/usr/bin/env python3
"""qyq migrate, qyq admin and qyq bench as an operator calls them: exit codes, one-line reasons, what stands in the database.
TAP on standard output.

usage: admin.py QYQ"""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

QYQ = sys.argv[1]
results = []
folder = tempfile.TemporaryDirectory(prefix='qyq-admin.')
DATA = os.path.join(folder.name, 'data')


def run(*args, stdin=''):
    env = {k: v for k, v in os.environ.items() if not k.startswith('QYQ_')}
    p = subprocess.run([QYQ, *args], input=stdin, capture_output=True, timeout=120, text=True, env=env)
    return p.returncode, p.stdout, p.stderr


def admin(*args, code=0, stdin=''):
    got, out, err = run('admin', '--data', DATA, *args, stdin=stdin)
    assert got == code, f'exit {got}: {err}'
    return out, err


def refused(*args, says, code=1, stdin=''):
    out, err = admin(*args, code=code, stdin=stdin)
    assert out == '', out
    assert err.count('\n') == 1 and says in err, err


def rows(sql, *args):
    db = sqlite3.connect(os.path.join(DATA, 'qyq.db'))
    try:
        return db.execute(sql, args).fetchall()
    finally:
        db.commit()
        db.close()


def case(name):
    def wrap(fn):
        try:
            fn()
            results.append((True, name))
        except Exception as e:  # each case reports for itself
            results.append((False, f'{name}: {type(e).__name__} {e}'.replace('\n', ' ')))
    return wrap


ENTERPRISE = ['enterprise', 'add', '--name', '清远示例丁有限公司', '--uscc', '91000000MA0DEMA018', '--legal-representative', '赵示例',
              '--domicile', '甲路1号', '--area', '441802', '--contact-name', '陈', '--contact-phone', '13800000101', '--seal-code',
              '4418000000011']


@case('an empty database is told from a current one')
def _():
    code, out, err = run('migrate', '--data', DATA, '--check')
    assert code == 1 and 'run "qyq migrate"' in err, (code, err)
    refused('key', 'list', says='run "qyq migrate"')
    code, out, err = run('migrate', '--data', DATA)
    assert code == 0 and 'applied 0001_infrastructure.sql' in out, (code, out, err)
    code, out, err = run('migrate', '--data', DATA)
    assert code == 0 and 'applied' not in out, out
    assert run('migrate', '--data', DATA, '--check')[0] == 0


@case('wrong usage is 64')
def _():
    for args in ([], ['--bogus'], ['enterprise'], ['enterprise', 'add', '--name', 'x'], ['member', 'unlock'],
                 ['member', 'unlock', 'a', 'b'], ['member', 'list', '--nonsense', 'x'], ['nonsense'], ['key', 'list', 'x'],
                 ['member', 'add', '--password', 'x']):
        code, out, err = run('admin', '--data', DATA, *args)
        assert code == 64 and out == '' and 'usage:' in err, (args, code, out)
    assert run('migrate', '--nonsense')[0] == 64
    assert run('bench', 'nonsense')[0] == 64
    assert run('admin', '--help')[0] == 0 and run('migrate', '--help')[0] == 0 and run('bench', '--help')[0] == 0


@case('an enterprise is added once, with its job and its audit row')
def _():
    out, _ = admin(*ENTERPRISE)
    id = out.strip()
    assert len(id) == 26, out
    refused(*ENTERPRISE, says='[uscc_exists]')
    wrong = [a if a != '91000000MA0DEMA018' else '91000000MA0DEMA019' for a in ENTERPRISE]
    refused(*wrong, says='[uscc_invalid]')
    assert id in admin('enterprise', 'list')[0]
    assert rows("select payload from job where kind = 'enterprise.key'") == [(id,)]
    assert 'enterprise.key' in admin('job', 'list', '--state', 'queued')[0]
    assert rows("select actor, source, object from audit where action = 'admin.enterprise_add'") == [
        ('system', f'cli:{os.getuid()}', f'enterprise:{id}')]


@case('a member is added with a password that no command line shows')
def _():
    id = rows('select id from enterprise')[0][0]
    member = ['member', 'add', '--enterprise', id, '--name', '陈', '--role', 'hr']
    admin(*member, '--user', 'hr1', '--password-file', '-', stdin='Lange-Nacht7\n')
    refused(*member, '--user', 'hr1', '--password-file', '-', stdin='Lange-Nacht7\n', says='[user_taken]')
    refused(*member, '--user', 'hr2', '--password-file', '-', stdin='short\n', says='[password_weak]')
    admin(*member, '--user', 'hr2', '--password-file', '-', code=74)
    file = os.path.join(folder.name, 'password')
    open(file, 'w').write('Lange-Nacht8\n')
    os.chmod(file, 0o644)
    refused(*member, '--user', 'hr2', '--password-file', file, says='[secret_file_open]')
    os.chmod(file, 0o600)
    admin(*member, '--user', 'hr2', '--password-file', file)
    member[3] = 'nobody'
    refused(*member, '--user', 'hr3', '--password-file', file, says='no row')
    member[3], member[7] = id, 'system'
    refused(*member, '--user', 'hr3', '--password-file', file, says='--role')
    listed = admin('member', 'list', '--enterprise', id)[0]
    assert listed.count('\n') == 2 and 'hr1' in listed and 'hr2' in listed, listed
    assert 'Nacht' not in str(rows('select * from member')) + str(rows('select * from audit'))


@case('a locked member is unlocked')
def _():
    rows("update member set failed = 9, locked_until = 4102444800000 where user_name = 'hr1'")
    assert 'locked until 2100-01-01' in admin('member', 'list')[0]
    admin('member', 'unlock', 'hr1')
    assert 'locked' not in admin('member', 'list')[0]
    refused('member', 'unlock', 'nobody', says='[member_unknown]')
    assert len(rows("select 1 from audit where action = 'admin.member_unlock'")) == 1


@case('dead jobs are seen and put back')
def _():
    assert admin('job', 'list')[0] == ''
    rows("update job set state = 'dead', attempts = 3, last_error = 'because' where kind = 'enterprise.key'")
    listed = admin('job', 'list')[0]
    assert 'because' in listed and 'attempts 3' in listed, listed
    admin('job', 'retry', listed.split()[0])
    assert admin('job', 'list')[0] == ''
    refused('job', 'retry', 'nothing', says='neither waits nor is dead')


@case('a server beside the commands does the jobs, and loses nothing to its visitors')
def _():
    env = {**{k: v for k, v in os.environ.items() if not k.startswith('QYQ_')}, 'QYQ_HTTP_PORT': '0'}
    server = subprocess.Popen([QYQ, 'serve', '--data', DATA], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while 'no key' in admin('enterprise', 'list')[0]:  # each look is a process that opens and closes the database
            assert server.poll() is None, 'the server ended'
            assert time.monotonic() < deadline, admin('job', 'list', '--state', 'queued')[0]
            time.sleep(0.3)
        assert ' active ' in admin('key', 'list')[0]
        while rows('select count(*) from audit_pending')[0][0]:
            assert time.monotonic() < deadline, 'the audit log is not chained'
            time.sleep(0.3)
    finally:
        server.terminate()
        code = server.wait(30)
    assert code == 0, f'the server ended with {code}'
    assert 'no key' not in admin('enterprise', 'list')[0]


@case('a changed audit log is found')
def _():
    out = admin('audit-verify')[0]
    n = rows('select count(*) from audit')[0][0]
    assert f'audit log: {n} records hold' in out, out
    rows("update audit set action = 'other' where id = (select audit from audit_chain where seq = 2)")
    out = admin('audit-verify', code=1)[0]
    assert 'audit log: record 2 does not hold (hash); 1 before it do' in out, out


@case('measurements print figures')
def _():
    code, out, err = run('bench', 'render', '--json', '--seconds', '0')
    figures = {f['name']: f for f in json.loads(out)['figures']}
    assert code == 0 and figures['contracts rendered']['unit'] == '/s' and figures['contracts rendered']['value'] > 0, out
    code, out, err = run('bench', 'pipeline', '--seconds', '0')
    assert code == 0 and 'ratio to the bare cryptography' in out, (code, out, err)
    code, out, err = run('bench', 'log')
    assert code == 1 and 'not available yet' in err, (code, err)


folder.cleanup()
print(f'1..{len(results)}')
for i, (ok, name) in enumerate(results, 1):
    print(f'{"ok" if ok else "not ok"} {i} - {name}')
sys.exit(0 if all(ok for ok, _ in results) else 1)
