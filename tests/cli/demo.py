"""The demonstration server from outside: what it writes for scripts, the port it may not have, and how it stops.

usage: demo.py QYQ
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

qyq = os.path.abspath(sys.argv[1])
count = 0


def check(words, ok, detail=''):
    global count
    count += 1
    print(f'{"ok" if ok else "not ok"} {count} - {words}')
    if not ok:
        print(f'# {detail}')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def start(folder, data, port):
    # The port of the test CA is its own business; nothing of the caller's configuration counts.
    return subprocess.Popen([qyq, 'serve', '--demo', '--data', data, '--port', str(port)], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def get(url):
    with urllib.request.urlopen(url, timeout=5) as reply:
        return reply.status


def wait_ready(server, port):
    for _ in range(1200):
        try:
            return get(f'http://127.0.0.1:{port}/readyz') == 200
        except OSError:
            if server.poll() is not None:
                return False
            time.sleep(0.1)
    return False


def check_verification(address):
    """The description of the interface says what the answer of the verification is."""
    with urllib.request.urlopen(address, timeout=5) as reply:
        said = json.load(reply)['paths']['/api/v1/verify']['post']['responses']['200']['content']['application/json']['schema']
    to = urllib.request.Request(address.replace('/api/openapi.json', '/api/v1/verify'), data=b'no PDF', method='POST',
                                headers={'Content-Type': 'application/pdf'})
    with urllib.request.urlopen(to, timeout=5) as reply:
        report = json.load(reply)
    check('the verification answers what is described', said['type'] == 'object' and set(said['required']) == set(report) ==
          set(said['properties']) and report['integrity'] in said['properties']['integrity']['enum'], [said, report])


with tempfile.TemporaryDirectory() as folder:
    port = free_port()
    server = start(folder, 'data', port)
    other = None
    try:
        check('it serves', wait_ready(server, port))
        path = os.path.join(folder, 'data', 'demo.json')
        for _ in range(100):  # written when it serves already
            if os.path.exists(path):
                break
            time.sleep(0.1)
        with open(path, encoding='utf-8') as f:
            demo = json.load(f)
        check('demo.json says what is promised', {'urls', 'accounts', 'ca_pem', 'outbox'} <= set(demo), demo)
        check('the addresses answer', all(get(u) == 200 for u in [*demo['urls'].values(), demo['outbox']]), demo['urls'])
        check('accounts', demo['accounts'] and all(a['role'] and a['user'] and a['password'] for a in demo['accounts']), demo)
        check('the root certificate is found from any folder', os.path.isabs(demo['ca_pem']) and os.path.exists(demo['ca_pem']),
              demo['ca_pem'])
        check_verification(demo['urls']['api'])
        other = start(folder, 'other', port)
        _, err = other.communicate(timeout=120)
        check('a port in use is refused', other.returncode not in (0, None), other.returncode)
        check('and named', f'port {port}' in err, err)
    finally:
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=60)
    check('the accounts are printed', all(a['user'] in out and a['password'] in out for a in demo['accounts']), out)
    check('it stops cleanly', server.returncode == 0, err[-500:])
print(f'1..{count}')
