"""Faults: the server is killed at every commit, documents cannot be written, the database answers with an error, the
CA or the TSA is away. Afterwards a contract is as it was before the step or as it is behind it, pending jobs finish by
themselves, the user goes on from there, and in the end each party has signed exactly once.

The configuration key "fault" (QYQ_FAULT) sets the points; see struct db_config and blob_set_fault. A step is tried
from a copy of a data folder that stands just before it, with the fault at the 1st, 2nd, 3rd … place, until it comes
through. QYQ_TEST_EXHAUSTIVE tries every database call, not a sample; a build with sanitizers tries fewer places of all
kinds."""
import hashlib
import shutil
import threading

from harness import *

SLOW = 'ASAN_OPTIONS' in os.environ
EXHAUSTIVE = 'QYQ_TEST_EXHAUSTIVE' in os.environ
KILL_STRIDE = 5 if SLOW else 1
CALL_STRIDE = 1 if EXHAUSTIVE else 60 if SLOW else 19
START_LIMIT = 30 if SLOW else 3
STOP_LIMIT = 15 if SLOW else 5

# ---- one contract on its way ----

STEPS_OF_FLOW = ('send', 'open', 'consent', 'read', 'identity', 'sign', 'seal')
STATES = {  # what the contract may be found in after a fault in the step: old, (accepted,) new
    'send': ('draft', 'sent'), 'open': ('sent',), 'consent': ('sent',), 'read': ('sent',), 'identity': ('sent',),
    'sign': ('sent', 'worker_stamping', 'worker_signed'), 'seal': ('worker_signed', 'employer_stamping', 'effective')}
STEP_OF = {'terms': 'consent', 'read': 'read', 'identity': 'identity', 'sign': 'sign'}


class Flow:
    """A contract, its worker and the browsers of the three people. copy_to() takes them to another server with the
    same data."""

    def __init__(self, server, worker=None, contract=None, hr=None, sealer=None, signer=None, link=None, code=None):
        self.server, self.worker, self.contract = server, worker, contract
        self.hr, self.sealer, self.signer, self.link, self.code = hr, sealer, signer, link, code

    @classmethod
    def begin(cls, server):
        hr, sealer = Client(server).login('hr1'), Client(server).login('seal1')
        worker = new_worker(hr)
        return cls(server, worker, new_draft(hr, worker)['id'], hr, sealer)

    def copy_to(self, server):
        def moved(client):
            if not client:
                return None
            other = Client(server)
            other.cookies, other.csrf = dict(client.cookies), client.csrf
            return other
        return Flow(server, self.worker, self.contract, moved(self.hr), moved(self.sealer), moved(self.signer),
                    self.link, self.code)

    def get(self):
        return get_contract(self.hr, self.contract)

    def step(self, name):
        """Takes one step as its page does; answers the Reply that decided, also when it is an error."""
        if name == 'send':
            return self.hr.post('/api/v1/contracts/%s/send' % self.contract,
                                {'accept_warnings': True, 'sign_within_days': 15})
        if name == 'seal':
            return self.sealer.post('/api/v1/contracts/%s/seal' % self.contract, {'password': DEMO_PASSWORD})
        if name == 'open':
            self.signer = Client(self.server)
            got = self.signer.post('/api/v1/signing/open', {'token': self.link.rsplit('/', 1)[-1]})
            if got.status == 200:
                self.signer.csrf = got.json['csrf']
            return got
        at = self.signer.get('/api/v1/signing')
        if at.status != 200:
            return at
        at = at.json
        data = {'consent': {'notice_sha256': at['notice']['sha256'], 'agree': True},
                'read': {'document_sha256': at['document_sha256'], 'pages': at['pages']},
                'identity': {'name': self.worker['name'], 'id_number': self.worker['id_number']},
                'sign': {'code': self.code, 'drawing': drawing()}}[name]
        got = self.signer.post('/api/v1/signing/' + name, data)
        if name == 'sign' and got.status == 200:
            self.signer.csrf = None
        return got

    def note_messages(self):
        """Reads link and code off the phone."""
        phone = self.worker['phone']
        if self.get()['state'] != 'draft':
            self.link = latest_link(self.server, phone)
            if any(not m['link'] for m in messages(self.server, phone)):
                self.code = latest_code(self.server, phone)

    def _worker_goes_on(self):
        self.note_messages()
        at = self.signer and self.signer.get('/api/v1/signing')
        if not at or at.status == 401:
            self.step('open').need()
            at = self.signer.get('/api/v1/signing')
        self.step(STEP_OF[at.need().json['step']]).need()

    def finish(self):
        """The people go on from wherever the contract is, until it is in force. Nobody may meet an error."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            state = self.get()['state']
            if state == 'effective':
                return
            check(time.monotonic() < end, 'the contract stays %s' % state)
            if state == 'draft':
                self.step('send').need()
            elif state == 'sent':
                self._worker_goes_on()
            elif state == 'worker_signed':
                self.step('seal').need()
            else:
                check(state.endswith('_stamping'), 'the contract is ' + state)
                time.sleep(0.02)


# ---- what stands in the database ----

class SqliteFile:
    """Looks at a copy, so that recovery after a kill stays the server's work."""

    def __init__(self, server):
        self.server = server

    def rows(self, sql):
        folder = new_path('look')
        os.mkdir(folder)
        for ending in ('', '-wal'):
            if os.path.exists(self.server.db_path + ending):
                shutil.copy(self.server.db_path + ending, folder + '/db' + ending)
        db = sqlite3.connect(folder + '/db')
        try:
            return [[tuple('' if v is None else str(v) for v in row) for row in db.execute(q)] for q in sql]
        finally:
            db.close()
            shutil.rmtree(folder)


class PostgresSchema:
    def __init__(self, url):
        self.schema = re.search(r'search_path=(\w+)', url).group(1)

    def rows(self, sql):
        return [[tuple(line.split('|')) for line in Postgres.get().sql(q, self.schema).splitlines()] for q in sql]


EVENTS = {'draft': 0, 'sent': 1, 'worker_stamping': 2, 'worker_signed': 3, 'employer_stamping': 4, 'effective': 5}
EVENT_ORDER = ('sent', 'worker_act', 'worker_signed', 'employer_act', 'effective')
REVISIONS = ('sent', 'worker', 'final')
ROLES = ('platform', 'worker', 'employer')
SIGNED = {'draft': 0, 'sent': 1, 'worker_stamping': 1, 'worker_signed': 2, 'employer_stamping': 2, 'effective': 3}
INTENTS = {'draft': {}, 'sent': {}, 'worker_stamping': {'worker': 'open'}, 'worker_signed': {'worker': 'done'},
           'employer_stamping': {'worker': 'done', 'employer': 'open'},
           'effective': {'worker': 'done', 'employer': 'done'}}


def inspect(db, contract):
    """State, events, revisions, signatures, intents, jobs, messages and uses of keys tell the same story. Answers the
    state."""
    topic = "'contract:%s'" % contract
    where = " WHERE contract_id = '%s'" % contract
    acts = ("(SELECT id FROM contract_intent%s UNION SELECT act FROM trust_use WHERE act LIKE 'lock:%s:%%')" %
            (where, contract))  # each sending is an act of its own
    (head, events, revisions, signatures, intents, ceremony, jobs, messages_sent, undelivered, uses, certs, codes,
     archives, archive_jobs) = db.rows([
        "SELECT state, effective_at FROM contract WHERE id = '%s'" % contract,
        "SELECT kind, seq, hex_of(hash), hex_of(prev) FROM record_event WHERE chain = %s ORDER BY seq".replace(
            'hex_of', 'hex' if isinstance(db, SqliteFile) else 'md5') % topic,
        "SELECT name, sha256 FROM contract_revision" + where,
        "SELECT role, use_id, cert_sha256, signed_at FROM contract_signature" + where,
        "SELECT party, state, id, document_sha256 FROM contract_intent" + where + " AND state <> 'given_up'",
        "SELECT opened_at, consent_at, read_at, identity_at FROM contract_ceremony" + where,
        "SELECT state FROM job WHERE key = 'stamp:%s' AND state IN ('queued', 'running')" % contract,
        "SELECT template FROM outbox WHERE topic = " + topic,
        "SELECT id FROM outbox WHERE topic = " + topic + " AND state = 'waiting' AND NOT EXISTS (SELECT 1 FROM job "
        "WHERE job.payload = outbox.id AND job.state IN ('queued', 'running'))",
        "SELECT id, act, state, COALESCE(cert_sha256, '') FROM trust_use WHERE act IN " + acts,
        "SELECT ref, state FROM trust_cert WHERE subject_of = 'use' AND ref IN (SELECT id FROM trust_use WHERE act IN "
        + acts + ")",
        "SELECT id FROM one_time_code WHERE subject = 'sign:%s'" % contract,
        "SELECT seq, sha256 FROM contract_archive" + where,
        "SELECT state FROM job WHERE key = 'archive:%s' AND state IN ('queued', 'running')" % contract,
    ])
    state = head[0][0]
    check(state in EVENTS, 'state ' + state)
    kinds = [e[0] for e in events]
    count = kinds.count
    check_eq([int(e[1]) for e in events], list(range(1, len(events) + 1)), 'numbers of the events')
    check(all(b[3] == a[2] for a, b in zip(events, events[1:])), 'an event does not follow on the one before it')
    check_eq([k for k in kinds if k in EVENT_ORDER], list(EVENT_ORDER[:EVENTS[state]]), 'events of a contract ' + state)
    check_eq({r[0] for r in revisions}, set(REVISIONS[:SIGNED[state]]), 'revisions of a contract ' + state)
    check_eq(sorted(s[0] for s in signatures), sorted(ROLES[:SIGNED[state]]), 'signatures of a contract ' + state)
    check_eq({i[0]: i[1] for i in intents}, INTENTS[state], 'intents of a contract ' + state)
    check_eq(len(jobs), 1 if state.endswith('_stamping') else 0, 'stamping jobs of a contract ' + state)
    # long-term data: on its way, or there, and then once
    check_eq(len(archives) + len(archive_jobs), 1 if state == 'effective' else 0, 'archive jobs and timestamps')
    check_eq(count('archive_added'), len(archives), 'events of the archive')
    by_name = dict(revisions)
    for party, _, _, document in intents:
        check_eq(document, by_name['sent' if party == 'worker' else 'worker'], 'approved document of the ' + party)
    times = {s[0]: int(s[3]) for s in signatures}
    check_eq(int(head[0][1]), max(times['worker'], times['employer']) if state == 'effective' else 0, 'effective_at')
    # the ceremony
    check_eq(len(ceremony), 0 if state == 'draft' else 1, 'ceremonies')
    if ceremony:
        for at, kind in zip(ceremony[0], ('opened', 'consented', 'read', 'identified')):
            check((int(at) > 0) == (count(kind) > 0), 'time and event of "%s" disagree' % kind)
        check(count('consented') <= 1 and count('read') <= 1, 'a step was recorded twice')
    check_eq(len(codes), count('code_sent'), 'codes')
    # messages: one for each cause, none forgotten
    for template, cause in (('sms.sign_link', 'sent'), ('sms.sign_code', 'code_sent'), ('sms.effective', 'effective'),
                            ('mail.worker_signed', 'worker_signed'), ('mail.effective', 'effective')):
        check_eq(len([m for m in messages_sent if m[0] == template]), count(cause), 'messages ' + template)
    check_eq(undelivered, [], 'messages that nobody delivers')
    # keys and certificates
    committed = [u for u in uses if u[2] == 'committed']
    check_eq(sorted(u[0] for u in committed), sorted(s[1] for s in signatures), 'committed uses of keys')
    check_eq(len({u[1] for u in committed}), len(committed), 'acts with a committed use')
    for role, use, cert, _ in signatures:
        check_eq([u[3] for u in uses if u[0] == use], [cert], 'certificate of the ' + role)
    good = {u[0] for u in committed}
    check_eq(sorted(s for ref, s in certs if ref in good), ['issued'] * (state in EVENT_ORDER[2:] + ('employer_stamping',)),
             'certificates of committed acts')
    if state == 'effective':
        check_eq({s for ref, s in certs if ref not in good} - {'revoked'}, set(), 'certificates that led to nothing')
    return state


def pending(db):
    return int(db.rows(["SELECT COUNT(*) FROM job WHERE key NOT LIKE 'every:%' AND state IN ('queued', 'running')"]
                       )[0][0][0])


def verified(flow, pdf):
    path = write('final.pdf', pdf)
    got = run(QYQ, 'verify', '--json', '--trust', flow.server.root_pem, path)
    os.remove(path)
    report = json.loads(got.stdout)
    check(got.returncode == 0 and report['verdict'] == 'valid', 'qyq verify: %d %s' % (got.returncode, got.stdout[:2000]))
    return [(s['field'], s['level']) for s in report['signatures']]


FIELDS = ('Lock', 'Worker', 'Employer')


def check_document(flow, archived=True):
    """Each revision begins with the one before; the last is what any verifier calls valid, signed once by each, and in
    the end with long-term data and one archive timestamp."""
    told = flow.get()['revisions']
    revisions = {r['name']: r for r in told}
    check_eq([r['name'] for r in told], list(REVISIONS) + ['archive'] * archived, 'revisions')
    before = b''
    for name in revisions:
        pdf = download(flow.hr, flow.contract, name)
        check_eq(hashlib.sha256(pdf).hexdigest(), revisions[name]['sha256'], 'hash of revision ' + name)
        check(pdf.startswith(before) and len(pdf) > len(before), 'revision %s does not go on from the one before' % name)
        before = pdf
        if name == 'final':
            check_eq(verified(flow, pdf), [(f, 'B-T') for f in FIELDS], 'signatures of the document')
    if archived:
        check_eq(verified(flow, before)[:3], [(f, 'B-LTA') for f in FIELDS], 'signatures of the archived document')
        check_eq(len(verified(flow, before)), 4, 'all of its signatures')


# ---- prepared places ----

_places = {}


def places():
    """{step: (data folder that stands just before it, Flow)}; made once."""
    if not _places:
        server = Server()
        flow, db = Flow.begin(server), SqliteFile(server)
        for step in STEPS_OF_FLOW:
            wait_until(lambda: not pending(db), 'jobs before ' + step)
            flow.note_messages()
            server.stop()
            folder = new_path('place')
            shutil.copytree(server.data, folder)
            _places[step] = (folder, flow)
            server.start()
            flow = flow.copy_to(server)
            flow.step(step).need()
        wait_until(lambda: flow.get()['state'] == 'effective', 'the prepared contract to be in force')
        wait_archived(flow.hr, flow.contract)
        check_document(flow)
        server.stop()
        shutil.rmtree(server.data)
    return _places


class Trial:
    """A fresh copy of a place, a server on it with a fault, and what came of one step."""
    starts = []  # seconds of the starts without a fault

    def __init__(self, step, fault):
        self.what = '%s with %s' % (step, fault)
        self.step, self.fault = step, fault
        folder, flow = places()[step]
        self.server = Server(start=False)
        shutil.copytree(folder, self.server.data)
        self.db = SqliteFile(self.server)
        self.flow = flow.copy_to(self.server)
        self.reply = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.server.kill()
        if self.server in Server.running:
            Server.running.remove(self.server)
        if kind is not None:
            note('trial: ' + self.what)
            note('\n'.join(self.server.log().splitlines()[-25:]))
        else:
            shutil.rmtree(self.server.data)
            os.remove(self.server.log_path)

    def hit(self):
        """The fault has struck."""
        return not self.server.alive() or 'by the fault hook' in self.server.log()

    def attempt(self):
        """Starts the server with the fault, takes the step, and lets it finish what it can. Without an answer there
        is a dead server."""
        self.server.start(env={'QYQ_FAULT': self.fault}, wait=False)
        try:
            while not self.server.is_ready():
                if not self.server.alive():
                    return
                time.sleep(0.01)
            self.reply = self.flow.step(self.step)
            wait_until(lambda: not self.server.alive() or not pending(self.db), self.what + ': jobs', every=0.02)
        except OSError:
            wait_until(lambda: not self.server.alive(), self.what + ': no answer, so an end')

    def start_again(self):
        began = time.monotonic()
        self.server.start(wait=False)
        while not self.server.is_ready():
            check(self.server.alive(), 'no start after ' + self.what)
            time.sleep(0.01)
        Trial.starts.append(time.monotonic() - began)

    def look(self, when):
        try:
            state = inspect(self.db, self.flow.contract)
        except Failed as error:
            fail('%s, %s: %s' % (self.what, when, error))
        return state

    def go_on(self):
        """Pending jobs end by themselves, then the people finish."""
        wait_until(lambda: not pending(self.db), 'jobs after ' + self.what, 15, every=0.02)
        state = self.look('after the restart')
        check(state in STATES[self.step] and not state.endswith('_stamping'), '%s: the contract is %s' % (self.what, state))
        try:
            self.flow.finish()
            wait_until(lambda: not pending(self.db), 'jobs at the end', every=0.02)
            check_eq(self.look('at the end'), 'effective', 'state at the end')
            check_document(self.flow)
        except Failed as error:
            fail('after %s: %s' % (self.what, error))
        self.server.check_log()


def killed_at_every(point, steps, exit_code, suffix='', stride=KILL_STRIDE):
    tried = []
    for step in steps:
        n, found = 1, {}
        while True:
            with Trial(step, '%s:%d%s' % (point, n, suffix)) as trial:
                trial.attempt()
                if trial.server.alive():
                    check_eq(trial.reply.need().status, 200, step)
                    check_eq(trial.look('without a kill'), STATES[step][-1], 'state after ' + step)
                    break
                check_eq(trial.server.wait_exit(), exit_code, 'end of the server: ' + trial.server.log()[-1000:])
                state = trial.look('just after the kill')
                check(state in STATES[step], '%s: the contract is %s' % (trial.what, state))
                found[state] = found.get(state, 0) + 1
                trial.start_again()
                trial.go_on()
            n += stride
        tried.append('%s %s' % (step, ', '.join('%s %d' % pair for pair in sorted(found.items()))))
        check(found or stride > 1, 'no commit at all in step ' + step)
    note('killed at %s; found in: %s' % (point, '; '.join(tried)))


# ---- SQLite: every commit, every write of a document, database calls ----

@test('kill before each commit')
def _():
    killed_at_every('kill-before-commit', STEPS_OF_FLOW, -signal.SIGKILL)


@test('kill after each commit')
def _():
    # what is durable after commit N is what is durable before commit N + 1: every other one, unless all are asked for
    killed_at_every('kill-after-commit', STEPS_OF_FLOW, -signal.SIGKILL, stride=1 if EXHAUSTIVE else max(2, KILL_STRIDE))


@test('kill at each write of a document')
def _():
    killed_at_every('blob', ('send', 'sign', 'seal'), 99, ':kill', stride=1)


@test('each write of a document fails')
def _():
    for step in ('send', 'sign', 'seal'):
        for n in itertools.count(1):
            with Trial(step, 'blob:%d' % n) as trial:
                trial.attempt()
                check(trial.server.alive(), trial.what + ': the server ended')
                if not trial.hit():
                    trial.reply.need()
                    break
                if step == 'send':
                    check_eq((trial.reply.need(500).error['code'], chinese(trial.reply.error['message'])), ('IO', True), 'error')
                    check_eq(trial.look('after the error'), 'draft', 'state')
                else:
                    trial.reply.need()
                    check_eq(trial.look('after the retry'), STATES[step][-1], 'state')
                trial.go_on()
        check(n > 2, 'a document was stored in fewer than two steps')


def failing_calls(step, stride):
    tried, quiet, answers = 0, 0, {}
    for n in itertools.count(1, stride):
        with Trial(step, 'call:%d' % n) as trial:
            trial.attempt()
            if not trial.server.alive():
                check_eq(trial.server.wait_exit(), 1, 'end of a server that could not start')
                check('by the fault hook' in trial.server.log(), 'it does not say why')
                answers['no start'] = answers.get('no start', 0) + 1
                trial.look('after the failed start')
                trial.start_again()
            elif not trial.hit():  # behind the last call, or where nobody has to be told (when a job is due next)
                quiet += 1
                if quiet == 4:
                    break
                continue
            else:
                quiet = 0
                if trial.reply.status >= 400:
                    check(trial.reply.error['message'], 'no words')
                    check_eq(trial.reply.status, 503, trial.what)
                answers[trial.reply.status] = answers.get(trial.reply.status, 0) + 1
            tried += 1
            trial.look('after the error')
            trial.go_on()
    note('%s: %d of %d database calls failed; answers: %s' % (step, tried, n, answers))


@test('a database call fails on the way to the worker\'s signature')
def _():
    failing_calls('sign', CALL_STRIDE)


@test('a database call fails on the way to the seal')
def _():
    failing_calls('seal', CALL_STRIDE)


# ---- starting and stopping ----

@test('the next start takes seconds, also after a kill')
def _():
    with Trial('send', 'none') as trial:
        for _ in range(3):
            trial.start_again()
            trial.server.stop()
        trial.start_again()
        trial.server.kill()
        trial.start_again()
    note('starts: median %.2f s, most %.2f s of %d' % (sorted(Trial.starts)[len(Trial.starts) // 2], max(Trial.starts),
                                                      len(Trial.starts)))
    check(min(Trial.starts[-4:]) < START_LIMIT, 'the quickest of four starts took %.1f s' % min(Trial.starts[-4:]))


class Hole:
    """A service that takes connections and never answers."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(('127.0.0.1', 0))
        self.socket.listen(16)
        self.url = 'http://127.0.0.1:%d/tsa' % self.socket.getsockname()[1]

    def has_caller(self):
        self.socket.settimeout(0)
        try:
            self.held = self.socket.accept()
            return True
        except BlockingIOError:
            return False


@test('a stop with a job in the middle of a request is clean and quick')
def _():
    hole = Hole()
    with Trial('sign', 'nothing') as trial:
        server = trial.server
        server.config.update({'tsa.urls': hole.url})
        server.start()
        trial.flow.step('sign').need()
        wait_until(hole.has_caller, 'the request to the TSA')
        began = time.monotonic()
        server.stop()
        took = time.monotonic() - began
        note('stopped in %.1f s' % took)
        check(took < STOP_LIMIT, 'the stop took %.1f s' % took)
        check_eq(trial.look('after the stop'), 'worker_stamping', 'state')
        del server.config['tsa.urls']
        trial.start_again()
        trial.go_on()


@test('a stop while a contract is being sent leaves the draft')
def _():
    hole = Hole()
    with Trial('send', 'nothing') as trial:
        server, got = trial.server, []
        server.config.update({'tsa.urls': hole.url})
        server.start()

        def send_it():
            try:
                got.append(trial.flow.step('send').status)
            except OSError:
                got.append('no answer')
        sending = threading.Thread(target=send_it)
        sending.start()
        wait_until(hole.has_caller, 'the request to the TSA')
        began = time.monotonic()
        server.stop()
        took = time.monotonic() - began
        sending.join()
        note('stopped in %.1f s; the answer was %s' % (took, got[0]))
        check(took < STOP_LIMIT, 'the stop took %.1f s' % took)
        check(got[0] in (503, 'no answer'), 'answer %s' % got[0])
        check_eq(trial.look('after the stop'), 'draft', 'state')
        del server.config['tsa.urls']
        trial.start_again()
        trial.go_on()


# ---- the CA and the TSA are away ----

def chinese(text):
    return bool(text) and re.search('[\u4e00-\u9fff]', text) is not None


class Outside:
    """A server with a CA and a TSA in processes of their own, and a contract up to a step."""

    def __init__(self, until):
        self.ca, self.tsa = TestCa(), TestCa()
        anchors = new_path('anchors.pem')
        with open(anchors, 'w') as out:
            for authority in (self.ca, self.tsa):
                with open(authority.root_pem) as root:
                    out.write(root.read())
        self.server = Server(config=dict(self.ca.config(self.tsa), **{'trust.anchors': anchors}))
        self.db = SqliteFile(self.server)
        self.flow = self.new_flow(until)

    def new_flow(self, until):
        flow = Flow.begin(self.server)
        for step in STEPS_OF_FLOW[:STEPS_OF_FLOW.index(until)]:
            flow.step(step).need()
            wait_until(lambda: not pending(self.db), 'jobs of ' + step)
            flow.note_messages()
        return flow

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.server.__exit__(kind, error, trace)
        self.ca.__exit__(kind, error, trace)
        self.tsa.__exit__(kind, error, trace)


def waits_and_goes_on(flow, db, step, service, reason_words):
    """The act is taken, nothing is signed, both pages say so; when the service is back it goes on by itself."""
    before, during, after = STATES[step]
    service.stop()
    flow.step(step).need()

    def waiting():
        got = flow.get()
        return got if got['waiting'] else None
    contract = wait_until(waiting, 'words about what is waited for')
    check_eq(contract['state'], during, 'state')
    check(chinese(contract['waiting']) and reason_words in contract['waiting'], 'waiting: %r' % contract['waiting'])
    check_eq([s['role'] for s in contract['signatures']], list(ROLES[:SIGNED[during]]), 'signatures')
    check_eq([r['waiting'] for r in flow.hr.get('/api/v1/contracts').need().json['items'] if r['id'] == flow.contract],
             [contract['waiting']], 'waiting in the list')
    if step == 'sign':
        flow.signer.refresh()
        page = flow.signer.get('/api/v1/signing').need().json
        check_eq((page['step'], page['waiting'], page['signed_at']), ('stamping', contract['waiting'], None), 'signing page')
    time.sleep(4)  # some attempts fail meanwhile
    check_eq(inspect(db, flow.contract), during, 'state after some attempts')
    service.start()
    began = time.monotonic()
    wait_until(lambda: flow.get()['state'] == after, 'the contract to go on', 40)
    note('%s goes on %.1f s after the service is back' % (step, time.monotonic() - began))
    check_eq(flow.get()['waiting'], None, 'waiting')
    wait_until(lambda: not pending(db), 'jobs')
    check_eq(inspect(db, flow.contract), after, 'state')


@test('the TSA is away: the act is kept, waits, says so, and goes on by itself')
def _():
    with Outside('sign') as park:
        waits_and_goes_on(park.flow, park.db, 'sign', park.tsa, '时间戳')
        waits_and_goes_on(park.flow, park.db, 'seal', park.tsa, '时间戳')
        check_document(park.flow)


@test('the TSA or the CA is away: sending is refused and the draft stays')
def _():
    with Outside('send') as park:
        flow = park.flow
        before = flow.get()
        park.tsa.stop()
        check(chinese(flow.step('send').refused(503, 'tsa_unavailable').error['message']), 'no words')
        check_eq(inspect(park.db, flow.contract), 'draft', 'state')
        check_eq({k: v for k, v in flow.get().items()}, before, 'the draft')
        park.tsa.start()
        # a park whose platform has no certificate yet asks for one when it sends
        park.server.sqlite("UPDATE trust_key SET state = 'revoked' WHERE owner = 'platform'")
        park.ca.stop()
        check(chinese(flow.step('send').refused(503, 'ca_unavailable').error['message']), 'no words')
        check_eq(inspect(park.db, flow.contract), 'draft', 'state')
        check_eq(flow.get(), before, 'the draft')
        park.ca.start()
        flow.finish()
        wait_until(lambda: not pending(park.db), 'jobs')
        check_eq(inspect(park.db, flow.contract), 'effective', 'state')
        check_document(flow)


@test('the CA is away: the worker\'s act is kept, waits, says so, and goes on by itself; a seal needs no CA, long-term '
      'data waits for it')
def _():
    with Outside('sign') as park:
        waits_and_goes_on(park.flow, park.db, 'sign', park.ca, '证书')
        park.ca.stop()
        park.flow.step('seal').need()
        wait_until(lambda: park.flow.get()['state'] == 'effective', 'the seal without a CA')
        told = wait_until(lambda: park.flow.get()['archive']['waiting'] and park.flow.get(), 'words about the archive')
        check_eq((told['archive']['state'], told['archive']['stamps'], told['waiting']), ('waiting', 0, None), 'archive')
        check(chinese(told['archive']['waiting']) and '吊销' in told['archive']['waiting'], 'waiting: %r' % told['archive'])
        check_document(park.flow, archived=False)
        park.server.kill()  # the wait outlives it
        park.server.start()
        check_eq(inspect(park.db, park.flow.contract), 'effective', 'state after the kill')
        park.ca.start()
        told = wait_archived(park.flow.hr, park.flow.contract)
        check_eq((told['archive']['state'], told['archive']['waiting']), ('done', None), 'archive')
        check_eq(inspect(park.db, park.flow.contract), 'effective', 'state')
        check_document(park.flow)


@test('a kill while the TSA is away: the act waits on, and is signed once')
def _():
    with Outside('sign') as park:
        park.tsa.stop()
        park.flow.step('sign').need()
        wait_until(lambda: park.flow.get()['waiting'], 'the wait')
        park.server.kill()
        check_eq(inspect(park.db, park.flow.contract), 'worker_stamping', 'state after the kill')
        park.server.start()
        check(chinese(park.flow.get()['waiting']), 'the wait is forgotten')
        park.tsa.start()
        wait_until(lambda: park.flow.get()['state'] == 'worker_signed', 'the signature', 40)
        park.flow.finish()
        wait_until(lambda: not pending(park.db), 'jobs')
        check_eq(inspect(park.db, park.flow.contract), 'effective', 'state')
        check_document(park.flow)


# ---- PostgreSQL ----

@test('PostgreSQL: kills on the way through signature and seal')
def _():
    url = Postgres.get().url()
    server, db = Server(db=url), PostgresSchema(url)
    flow, died = None, 0
    with server:
        for step, fault in itertools.product(STEPS_OF_FLOW[-2:], ('kill-before-commit:%d', 'kill-after-commit:%d')):
            for n in (range(1, 12) if EXHAUSTIVE else (2, 4, 7) if not SLOW else (4,)):
                flow = Flow.begin(server)
                for earlier in STEPS_OF_FLOW[:STEPS_OF_FLOW.index(step)]:
                    flow.step(earlier).need()
                    wait_until(lambda: not pending(db), 'jobs of ' + earlier)
                    flow.note_messages()
                what = 'step %s with %s' % (step, fault % n)
                server.stop()
                server.start(env={'QYQ_FAULT': fault % n}, wait=False)
                try:
                    wait_until(lambda: not server.alive() or server.is_ready(), 'the start')
                    if server.alive():
                        flow.step(step)
                        wait_until(lambda: not server.alive() or not pending(db), what)
                except OSError:
                    wait_until(lambda: not server.alive(), 'the end')
                if not server.alive():
                    died += 1
                    check_eq(server.wait_exit(), -signal.SIGKILL, 'end')
                    check(inspect(db, flow.contract) in STATES[step], what)
                    # another node takes over what a dead one had when its lease has run out; a minute is too long here
                    Postgres.get().sql("UPDATE job SET lease_until = 0 WHERE state = 'running'", db.schema)
                    server.start()
                wait_until(lambda: not pending(db), 'jobs after ' + what)
                check(inspect(db, flow.contract) in STATES[step], what)
                flow.finish()
                wait_until(lambda: not pending(db), 'jobs at the end')
                check_eq(inspect(db, flow.contract), 'effective', what)
                check_document(flow)
    note('%d kills' % died)


main()
