"""What the black-box tests share: servers that always stop, a client with cookies, the ways of HR and worker, TAP.

A test program looks so, and is called with the qyq executable and the source root:

    from harness import *

    @test('a contract can be sent')
    def _():
        with Server() as server:                     # demo data on SQLite; Server(db=Postgres.get().url()) on PostgreSQL
            hr = Client(server).login('hr1')
            worker = new_worker(hr)
            contract = send(hr, new_draft(hr, worker))
            worker_signs(server, worker)             # link, consent, read, identity, code, drawing; waits for the stamp
            employer_seals(Client(server).login('seal1'), contract['id'])

    main()

All files of a run lie in one folder below the system's temporary folder. A watcher process waits for this program's
end, however it ends, and then stops PostgreSQL and removes the folder; servers die with this program. Start servers
in the main thread: the kernel ends them with the thread that started them.
"""
import atexit
import ctypes
import datetime
import fcntl
import hashlib
import http.client
import itertools
import json
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

QYQ = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else None
SOURCE_ROOT = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
DEMO_PASSWORD = 'Demo-2026'
PG_BIN = '/usr/lib/postgresql/15/bin'
START_SECONDS = 60   # a server under ASan seeds its demo data in some 20 s
WAIT_SECONDS = 30


# ---- TAP ----

class Failed(AssertionError):
    pass


def fail(what):
    raise Failed(what)


def check(ok, what):
    if not ok:
        fail(what)


def check_eq(got, wanted, what='value'):
    if got != wanted:
        fail('%s: got %r, wanted %r' % (what, got, wanted))


def note(text):
    """A diagnostic line; goes with the output of the run."""
    for line in str(text).splitlines():
        print('# ' + line, flush=True)


_tests = []


def test(name):
    def add(run):
        _tests.append((name, run))
        return run
    return add


def main():
    """Runs all @test functions in their order; ends the program."""
    bad = 0
    wanted = os.environ.get('QYQ_TESTS')  # a regular expression, for running some by hand
    tests = [t for t in _tests if not wanted or re.search(wanted, t[0])]
    print('1..%d' % len(tests), flush=True)
    for number, (name, run) in enumerate(tests, 1):
        began = time.monotonic()
        try:
            run()
            word = 'ok'
        except Exception as error:
            bad += 1
            word = 'not ok'
            if isinstance(error, Failed):
                frames = traceback.extract_tb(error.__traceback__)
                note('%s' % error)
                note('at ' + ' < '.join('%s:%d' % (os.path.basename(f.filename), f.lineno) for f in reversed(frames)
                                        if f.name not in ('fail', 'check', 'check_eq')))
            else:
                note(traceback.format_exc())
        print('%s %d - %s (%.1f s)' % (word, number, name.replace('#', ''), time.monotonic() - began), flush=True)
    for server in list(Server.running):
        if bad:
            note('\n'.join(line for line in server.log().splitlines() if ' info ' not in line)[-4000:])
        try:
            server.stop()
        except Failed as error:
            bad += 1
            note('after the tests: %s' % error)
    sys.exit(1 if bad else 0)


def wait_until(look, what, seconds=WAIT_SECONDS, every=0.05):
    """Asks look() until it answers something true; answers that."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            fail('waited %d s for %s' % (seconds, what))
        time.sleep(every)


# ---- the folder of the run ----

_workspace = None
_counter = itertools.count(1)


class _Workspace:
    """The watcher's standard input is a pipe that only this program holds: it ends with us, even by SIGKILL."""
    SCRIPT = '''
        read nothing
        cd /
        if [ -d "$DIR/pg/data" ]; then $AS %s/pg_ctl -D "$DIR/pg/data" -m immediate -w -s stop; fi
        rm -rf "$DIR"
    ''' % PG_BIN

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='qyqapi.')
        os.chmod(self.path, 0o711)  # PostgreSQL's own user must be able to enter
        env = dict(os.environ, DIR=self.path, AS=_as_postgres('') if os.geteuid() == 0 else '')
        self.watcher = subprocess.Popen(['sh', '-c', self.SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True, env=env)
        atexit.register(self.close)

    def close(self):
        Server.kill_all()
        self.watcher.stdin.close()
        self.watcher.wait()


def _as_postgres(command):
    return ('runuser -u postgres -- ' if os.geteuid() == 0 else '') + command


def workspace():
    global _workspace
    if not _workspace:
        _workspace = _Workspace()
    return _workspace.path


def new_path(name):
    """A name in the folder of the run that nobody has yet."""
    return os.path.join(workspace(), '%s.%d' % (name, next(_counter)))


def _terminated(number, frame):
    sys.exit(128 + number)


signal.signal(signal.SIGTERM, _terminated)


def run(*command, env=None, timeout=120):
    """Runs a program; answers its CompletedProcess with output as text (what is not UTF-8 is replaced)."""
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=dict(os.environ, **(env or {})), timeout=timeout, encoding='utf-8', errors='replace')


_ports = itertools.count(os.getpid() % 100 * 220)
_held_ports = []


def free_port():
    """Below the range from which the kernel takes ports for outgoing connections. A server binds its port only after its
    demo data is made, so that a port is held by a lock until this program ends: programs that run side by side cannot
    choose the same one and then talk to each other's servers."""
    folder = os.path.join(tempfile.gettempdir(), 'qyq-test-ports')
    os.makedirs(folder, exist_ok=True)
    while True:
        port = 10000 + next(_ports) % 22000
        lock = open(os.path.join(folder, str(port)), 'a')
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('127.0.0.1', port))
        except OSError:
            lock.close()
            continue
        _held_ports.append(lock)
        return port


# ---- PostgreSQL ----

class Postgres:
    """A throw-away server on a socket in the folder of the run. Postgres.get() starts it on first use; url() answers
    a fresh, empty schema each time."""
    _the = None

    @classmethod
    def get(cls):
        if not cls._the:
            cls._the = cls()
        return cls._the

    def __init__(self):
        self.dir = os.path.join(workspace(), 'pg')
        os.mkdir(self.dir, 0o700)
        if os.geteuid() == 0:
            import pwd
            os.chown(self.dir, pwd.getpwnam('postgres').pw_uid, pwd.getpwnam('postgres').pw_gid)
        data = shlex.quote(self.dir + '/data')
        self._shell('%s/initdb -D %s -U qyq --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions' %
                    (PG_BIN, data))
        self._shell('printf "%%s\\n" "listen_addresses=\'\'" "unix_socket_directories=\'%s\'" shared_buffers=16MB '
                    'max_connections=60 fsync=off autovacuum=off >> %s/postgresql.conf' % (self.dir, data))
        self.start()

    def _shell(self, command):
        got = run('sh', '-c', 'cd / && ' + _as_postgres('sh -c ' + shlex.quote('(%s) >/dev/null 2>&1' % command)))
        check(got.returncode == 0, 'PostgreSQL: "%s" failed; are the packages postgresql-15 and util-linux there?' %
              command.split()[0])

    def start(self):
        self._shell('%s/pg_ctl -D %s/data -l %s/log -w -s start' % (PG_BIN, self.dir, self.dir))

    def stop(self, how='fast'):
        self._shell('%s/pg_ctl -D %s/data -m %s -w -s stop' % (PG_BIN, self.dir, how))

    def sql(self, text, schema=None):
        """Runs SQL with psql; answers what it prints, without decoration."""
        env = {'PGOPTIONS': '-c search_path=' + schema} if schema else {}
        got = run(PG_BIN + '/psql', '-h', self.dir, '-U', 'qyq', '-d', 'postgres', '-v', 'ON_ERROR_STOP=1', '-Atqc', text,
                  env=env)
        check(got.returncode == 0, 'psql: ' + got.stderr)
        return got.stdout.strip()

    def url(self):
        schema = 't%d' % next(_counter)
        self.sql('CREATE SCHEMA ' + schema)
        return "host=%s user=qyq dbname=postgres options='-c search_path=%s'" % (self.dir, schema)


# ---- servers ----

def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Process:
    """A program of ours in the background, its output in a file."""

    def __init__(self, name):
        self.name = name
        self.process = None
        self.log_path = new_path(name + '.log')

    def _spawn(self, command, env=None):
        with open(self.log_path, 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=dict(os.environ, **(env or {})), preexec_fn=_die_with_parent)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        try:
            with open(self.log_path, encoding='utf-8', errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def kill(self):
        """As a power cut would: SIGKILL."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def wait_exit(self, seconds=WAIT_SECONDS):
        """Waits until it ends by itself (a planned fault, for one); answers the exit code, negative for a signal."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            fail('%s still runs after %d s' % (self.name, seconds))
        self.process = None
        return code

    def stop(self, seconds=WAIT_SECONDS):
        """Asks it to end and looks at how it did: exit code 0, no word of a sanitizer."""
        if not self.process:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.terminate()
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            fail('%s did not end within %d s' % (self.name, seconds))
        self.check_log()
        check(code == 0, '%s ended with %d: %s' % (self.name, code, self.log()[-3000:]))

    def check_log(self):
        found = re.search(r'(ERROR: \w+Sanitizer|runtime error:).*', self.log())
        if found:
            at = found.start()
            fail('%s: %s' % (self.name, self.log()[max(0, at - 200):at + 4000]))


class Server(Process):
    """qyq serve.

    demo     True: --demo, the fictional park (a few seconds on first start)
    db       None: SQLite in the data folder; else a value for db.url
    data     the data folder, None for a new one (give a stopped server's .data to go on with it; or restart() it)
    config   {key: value} of further configuration, as {'tsa.urls': …}; written to a file for --config
    env      further environment, as {'QYQ_FAULT': 'commit:3'}
    proxy    True: X-Real-IP is believed, so that each Client can come from an own address: the limits of log-ins
             count by address
    """
    running = []

    def __init__(self, demo=True, db=None, data=None, config=None, env=None, proxy=True, start=True):
        super().__init__('server')
        self.demo, self.env = demo, dict(env or {})
        self.data = data or new_path('data')
        self.config = {'http.proxy': 'true'} if proxy else {}
        if db:
            self.config['db.url'] = db
        self.config.update(config or {})
        self.port = None
        if start:
            self.start()

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.port

    @property
    def root_pem(self):
        """The root of the built-in test CA."""
        return self.config.get('trust.anchors') or os.path.join(self.data, 'testca', 'root.pem')

    @property
    def roots_pem(self):
        """Both roots of the built-in test CA: that of ECDSA and that of SM2."""
        return self.config.get('trust.anchors') or os.path.join(self.data, 'testca', 'roots.pem')

    @property
    def db_path(self):
        return os.path.join(self.data, 'qyq.db')

    def start(self, env=None, wait=True):
        """env: for this start only, over self.env. wait=False: returns at once; see wait_ready()."""
        check(not self.alive(), 'the server runs already')
        path = self.data + '.conf'
        with open(path, 'w', encoding='utf-8') as f:
            f.writelines('%s = %s\n' % pair for pair in sorted(self.config.items()))
        for attempt in range(3):
            self.port = self.port or free_port()
            command = [QYQ, 'serve', '--config', path, '--data', self.data, '--port', str(self.port)]
            self._spawn(command + (['--demo'] if self.demo else []), dict(self.env, **(env or {})))
            if self not in Server.running:
                Server.running.append(self)
            if not wait or self._ready_or_port_taken():
                return self
            self.port = None
        fail('no free port')

    def _ready_or_port_taken(self):
        try:
            self.wait_ready()
            return True
        except Failed:
            if self.process is None and 'in use' in self.log()[-500:]:
                return False
            raise

    def is_ready(self):
        try:
            return Client(self).get('/readyz').status == 200
        except OSError:
            return False

    def wait_ready(self, seconds=START_SECONDS):
        end = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.poll() is not None:
                code, self.process = self.process.returncode, None
                fail('the server ended with %d at start: %s' % (code, self.log()[-3000:]))
            if time.monotonic() > end:
                fail('the server is not ready after %d s: %s' % (seconds, self.log()[-3000:]))
            time.sleep(0.05)
        return self

    def restart(self, env=None):
        self.stop()
        return self.start(env)

    def stop(self, seconds=WAIT_SECONDS):
        if self in Server.running:
            Server.running.remove(self)
        super().stop(seconds)

    @classmethod
    def kill_all(cls):
        for server in list(cls.running):
            server.kill()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()
            if self in Server.running:
                Server.running.remove(self)
            note('last lines of the server:')
            note('\n'.join(self.log().splitlines()[-15:]))

    # What time itself moves, and what is said of attempts: sessions seen, jobs run, codes tried, the audit log.
    MOVING = {'session', 'audit', 'audit_pending', 'audit_chain', 'audit_head', 'job', 'job_lease', 'schedule',
              'one_time_code'}
    COLUMNS = {'outbox': 'id, channel, recipient, topic, template, params'}  # not: whether a message is passed on yet

    def state(self, but=()):
        """{table: digest of its rows} of the SQLite database, but for MOVING and these tables."""
        found = {}
        with sqlite3.connect('file:%s?mode=ro' % self.db_path, uri=True, timeout=10) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
                if name not in Server.MOVING and name not in but:
                    rows = sorted(map(repr, db.execute('SELECT %s FROM "%s"' % (Server.COLUMNS.get(name, '*'), name))))
                    found[name] = hashlib.sha256('\n'.join(rows).encode()).hexdigest()
        return found

    def check_untouched(self, before, what, but=()):
        """Fails when anything differs from an earlier state(), but for these tables."""
        after = self.state(but)
        changed = [name for name in after if after[name] != before.get(name)]
        check(not changed, '%s changed %s' % (what, ', '.join(changed)))

    def settle(self):
        """Waits until messages are passed on and jobs are done."""
        def look():
            before = self.state()
            time.sleep(0.3)
            soon = int(time.time() * 1000) + 1000
            live = self.sqlite("SELECT count(*) FROM job WHERE state = 'running' OR (state = 'queued' AND run_at < ?)", soon)
            return live == [(0,)] and before == self.state()
        wait_until(look, 'the database to be quiet', every=0)

    def sqlite(self, statement, *args):
        """Runs one statement on the database file, to let time pass (deadlines, sessions, codes); answers rows."""
        with sqlite3.connect(self.db_path, timeout=10) as db:
            return db.execute(statement, args).fetchall()


class TestCa(Process):
    """qyq testca serve: a test CA and TSA of its own. config() is what a Server needs to use it. Two on one folder
    (dir=other.dir) are one authority in two processes: so the TSA can be stopped while the CA answers."""

    def __init__(self, dir=None, start=True):
        super().__init__('testca')
        self.dir = dir or new_path('testca')
        self.port = free_port()
        if start:
            self.start()

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.port

    @property
    def tsa_url(self):
        return self.url + '/tsa'

    @property
    def root_pem(self):
        return os.path.join(self.dir, 'root.pem')

    def start(self):
        os.makedirs(self.dir, exist_ok=True)
        self._spawn([QYQ, 'testca', 'serve', '--dir', self.dir, '--port', str(self.port)])
        wait_until(self._answers, 'the test CA: ' + self.log(), START_SECONDS)
        return self

    def _answers(self):
        check(self.alive(), 'the test CA did not start: ' + self.log()[-2000:])
        try:
            with socket.create_connection(('127.0.0.1', self.port), 1):
                return os.path.exists(self.root_pem)
        except OSError:
            return False

    def config(self, tsa=None):
        """tsa: another TestCa, whose TSA is used; else our own."""
        return {'ca.url': self.url, 'ca.token_file': os.path.join(self.dir, 'token'), 'tsa.urls': (tsa or self).tsa_url,
                'trust.anchors': self.root_pem}

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()


# ---- HTTP ----

class Reply:
    def __init__(self, status, headers, body, what):
        self.status, self.headers, self.body, self.what = status, headers, body, what

    @property
    def json(self):
        try:
            return json.loads(self.body.decode('utf-8'))
        except ValueError:
            fail('%s answered %d and no JSON: %r' % (self.what, self.status, self.body[:200]))

    @property
    def error(self):
        """The error object; fails when this is no well-formed error reply."""
        error = self.json.get('error')
        check(isinstance(error, dict) and set(error) == {'code', 'reason', 'message', 'field', 'request_id'},
              '%s answered %d without a whole error: %r' % (self.what, self.status, self.body[:300]))
        return error

    @property
    def reason(self):
        return self.error['reason']

    def need(self, status=None):
        """Fails unless the status is as wanted (any of success when not said); answers itself."""
        ok = 200 <= self.status < 300 if status is None else self.status == status
        check(ok, '%s answered %d: %s' % (self.what, self.status, self.body[:600].decode('utf-8', 'replace')))
        return self

    def refused(self, status, reason, field=None):
        """Fails unless this is that refusal, with words for people."""
        self.need(status)
        check_eq(self.reason, reason, self.what + ': reason')
        if field is not None:
            check_eq(self.error['field'], field, self.what + ': field')
        return self


class Client:
    """One browser: a cookie jar, the CSRF token of the last session, an address of its own (needs Server(proxy=True)).
    A connection a request, so that a killed server is no trouble."""
    _addresses = itertools.count(1)

    def __init__(self, server, lang=None):
        self.server, self.lang = server, lang
        self.cookies, self.csrf, self.session = {}, None, None
        self.new_address()

    def new_address(self):
        """Moves to where nobody has asked anything yet."""
        n = next(Client._addresses)
        self.address = '10.%d.%d.%d' % (n >> 16 & 255, n >> 8 & 255, n & 255)

    def request(self, method, path, data=None, body=None, headers=None, csrf=True, timeout=60):
        """data: JSON to send; body: bytes as they are (with a Content-Type in headers); path may hold a query."""
        sent = {'X-Real-IP': self.address}
        if self.lang:
            sent['Accept-Language'] = self.lang
        if self.cookies:
            sent['Cookie'] = '; '.join('%s=%s' % pair for pair in self.cookies.items())
        if csrf and self.csrf and method not in ('GET', 'HEAD'):
            sent['X-QYQ-CSRF'] = self.csrf
        if data is not None:
            body = json.dumps(data, ensure_ascii=False).encode('utf-8')
            sent['Content-Type'] = 'application/json'
        sent.update(headers or {})
        connection = http.client.HTTPConnection('127.0.0.1', self.server.port, timeout=timeout)
        try:
            try:
                connection.request(method, path, body=body, headers=sent)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it would not listen any longer: its answer says why
            got = connection.getresponse()
            reply = Reply(got.status, got.headers, got.read(), '%s %s' % (method, path))
        except http.client.HTTPException as error:
            raise ConnectionError(str(error))  # so that OSError is all a caller has to know
        finally:
            connection.close()
        for cookie in reply.headers.get_all('Set-Cookie') or []:
            name, _, value = cookie.split(';')[0].partition('=')
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return reply

    def get(self, path, **query):
        if query:
            path += '?' + urllib.parse.urlencode(query)
        return self.request('GET', path)

    def post(self, path, data=None, **more):
        return self.request('POST', path, data=data, **more)

    def put(self, path, data=None, **more):
        return self.request('PUT', path, data=data, **more)

    def delete(self, path, **more):
        return self.request('DELETE', path, **more)

    def _enter(self, reply):
        self.session = reply.need().json
        self.csrf = self.session['csrf']
        return self

    def login(self, user, password=DEMO_PASSWORD):
        return self._enter(self.post('/api/v1/session', {'user': user, 'password': password}))

    def worker_login(self, phone):
        """By a code to the phone, read from the demonstration's outbox."""
        old = {m['id'] for m in messages(self.server, phone)}
        self.post('/api/v1/worker/code', {'phone': phone}).need()
        new = [m for m in messages(self.server, phone) if m['id'] not in old]
        check(len(new) == 1, 'log-in of %s: %d messages' % (phone, len(new)))
        return self._enter(self.post('/api/v1/worker/session', {'phone': phone, 'code': six_digits(new[0]['text'])}))

    def open_link(self, token):
        """token: of the link, or the link."""
        return self._enter(self.post('/api/v1/signing/open', {'token': token.rsplit('/', 1)[-1]}))

    def refresh(self):
        """Takes up the session that the cookie stands for now (after signing, for one)."""
        return self._enter(self.get('/api/v1/session'))

    def logout(self):
        self.delete('/api/v1/session').need(204)
        self.csrf = self.session = None
        return self

    def verify(self, pdf):
        """The report of POST /api/v1/verify."""
        return self.post('/api/v1/verify', body=pdf, headers={'Content-Type': 'application/pdf'}).need().json


# ---- the demonstration's phone ----

def messages(server, phone=None):
    """Messages to phones, newest first."""
    query = {'phone': phone} if phone else {}
    return Client(server).get('/api/v1/demo/messages', **query).need().json['items']


def six_digits(text):
    found = re.search(r'(?<!\d)\d{6}(?!\d)', text)
    check(found is not None, 'no code in %r' % text)
    return found.group()


def latest_link(server, phone):
    """The newest signing link that went to this phone."""
    for m in messages(server, phone):
        if m['link'] and '/h5/s/' in m['link']:
            return m['link']
    fail('no link was sent to %s' % phone)


def latest_code(server, phone):
    """The newest code that went to this phone (messages without a link that hold six digits)."""
    for m in messages(server, phone):
        if not m['link'] and re.search(r'(?<!\d)\d{6}(?!\d)', m['text']):
            return six_digits(m['text'])
    fail('no code was sent to %s' % phone)


# ---- made-up people and contracts ----

def id_number(serial, born='19920317'):
    """A number of area 000000, which belongs to nobody, with its check digit (GB 11643-1999)."""
    digits = '000000%s%03d' % (born, serial)
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(digits))
    return digits + '10X98765432'[total % 11]


_people = itertools.count(500)


def person(**over):
    """What createWorker takes, for somebody new."""
    n = next(_people)
    known = dict(name='测试%s%s' % (chr(0x4e00 + n * 37 % 5000), chr(0x4e00 + n * 91 % 5000)), id_type='resident_id',
                 id_number=id_number(n % 1000), phone='139%08d' % n, address='广东省清远市清城区虚构路%d号' % n)
    known.update(over)
    return known


def new_worker(hr, **over):
    """Adds a worker; answers what was sent (name, id_number, phone in clear) with the id."""
    known = person(**over)
    known['id'] = hr.post('/api/v1/workers', known).need(201).json['id']
    return known


def _plus_years(day, years):
    """The last day of a term of so many years."""
    return day.replace(year=day.year + years, day=min(day.day, 28)) - datetime.timedelta(1)


def contract_data(change=None):
    """A lawful three-year contract that begins in a week. change(data) may spoil it."""
    start = datetime.date.today() + datetime.timedelta(7)
    start = start.replace(day=min(start.day, 28))
    day = lambda d: d.isoformat()
    data = {
        'term': {'kind': 'fixed', 'start': day(start), 'end': day(_plus_years(start, 3)), 'first_work_day': day(start),
                 'probation_start': day(start), 'probation_end': day(start + datetime.timedelta(58))},
        'work': {'post': '数控车床操作工', 'content': '操作数控车床加工零件，填写工序记录', 'place': '清远市清城区虚构路1号一车间'},
        'hours': {'system': 'standard', 'daily_minutes': 480, 'weekly_minutes': 2400, 'work_days_per_week': 5,
                  'rest_days': '星期六、星期日'},
        'pay': {'mode': 'time', 'unit': 'month', 'amount_fen': 650000, 'pay_day': 15, 'pay_day_month': 'next',
                'cycle': 'month', 'method': 'bank', 'probation_amount_fen': 560000},
        'insurance': {'schemes': ['pension', 'medical', 'unemployment', 'work_injury', 'maternity']},
        'protection': {'conditions': '按国家和行业标准提供劳动场所、设备和安全操作规程培训'},
    }
    if change:
        change(data)
    return data


def contract_input(worker, change=None):
    """What createContract takes. worker: of new_worker, or an id."""
    return {'template': 'fixed-term-full-time', 'worker_id': worker if isinstance(worker, str) else worker['id'],
            'data': contract_data(change)}


def new_draft(hr, worker, change=None):
    """Answers the Contract."""
    return hr.post('/api/v1/contracts', contract_input(worker, change)).need(201).json


def send(hr, contract, days=15):
    """contract: a Contract or an id; answers the Contract as it is then."""
    return hr.post('/api/v1/contracts/%s/send' % _id(contract), {'accept_warnings': True, 'sign_within_days': days}
                   ).need().json


def _id(contract):
    return contract if isinstance(contract, str) else contract['id']


def get_contract(client, contract):
    return client.get('/api/v1/contracts/' + _id(contract)).need().json


def wait_state(client, contract, state, seconds=WAIT_SECONDS):
    """Waits until the contract is in this state; answers it."""
    def look():
        got = get_contract(client, contract)
        return got if got['state'] == state else None
    return wait_until(look, 'contract to be %s' % state, seconds)


def drawing(strokes=3, points=8):
    """A drawn name, as the page sends it."""
    return {'width': 360, 'height': 180, 'strokes': [
        [{'x': 40 + s * 90 + i * 11 % 80, 'y': 40 + (i * 37 + s * 11) % 90, 't': s * 400 + i * 40} for i in range(points)]
        for s in range(strokes)]}


STEPS = ('consent', 'read', 'identity', 'sign')


def signing_step(client, worker, step, drawn=None):
    """Takes one step of STEPS in a session of open_link; answers the Signing after it."""
    at = client.get('/api/v1/signing').need().json
    if step == 'consent':
        data = {'notice_sha256': at['notice']['sha256'], 'agree': True}
    elif step == 'read':
        data = {'document_sha256': at['document_sha256'], 'pages': at['pages']}
    elif step == 'identity':
        data = {'name': worker['name'], 'id_number': worker['id_number']}
    else:
        data = {'code': latest_code(client.server, worker['phone']), 'drawing': drawn or drawing()}
    got = client.post('/api/v1/signing/' + step, data).need().json
    if step == 'sign':
        client.refresh()
    return got


def open_signing(server, worker, until=None):
    """A Client that opened the worker's newest link and took the steps up to and with until."""
    client = Client(server).open_link(latest_link(server, worker['phone']))
    for step in STEPS[:STEPS.index(until) + 1] if until else ():
        signing_step(client, worker, step)
    return client


def worker_signs(server, worker, wait=True):
    """The whole way of the worker; answers the Client, then in a worker's session. wait: until the signature stands."""
    client = open_signing(server, worker, 'sign')
    if wait:
        wait_until(lambda: client.get('/api/v1/signing').need().json['step'] == 'done', "the worker's signature")
    return client


def employer_seals(sealer, contract, wait=True, password=DEMO_PASSWORD):
    """Answers the Contract; wait: until it is in force."""
    got = sealer.post('/api/v1/contracts/%s/seal' % _id(contract), {'password': password}).need().json
    return wait_state(sealer, contract, 'effective') if wait else got


def wait_archived(client, contract, stamps=1):
    """Waits until so many archive timestamps are in; answers the Contract."""
    def look():
        got = get_contract(client, contract)
        return got if got['archive']['stamps'] >= stamps else None
    return wait_until(look, 'the archive timestamp')


def download(client, contract, revision='latest'):
    """The bytes of the PDF."""
    return client.get('/api/v1/contracts/%s/document' % _id(contract), revision=revision).need().body


def write(name, content):
    """Writes bytes to a new file in the folder of the run; answers its path."""
    path = new_path(name)
    with open(path, 'wb') as f:
        f.write(content)
    return path
