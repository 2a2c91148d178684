"""Every route is asked by everybody who may not: nobody, each role that is too low, members of another enterprise, other
workers, signers of other contracts. The routes come from the program's own description (GET /api/openapi.json); CASES
says how to ask each. A route without a case fails, so that none is added unseen."""
from harness import *

ROLES = ('signer', 'worker', 'viewer', 'hr', 'seal', 'owner')
NO_ID = '0' * 26


class Case:
    """path: with {draft}, {sent}, {signed}, {worker} of enterprise 1 filled in. data: JSON to send, a function of the
    world where it needs ids. body, type: for what is not JSON. public: why anyone may ask."""

    def __init__(self, path, data=None, body=None, type=None, public=None):
        self.path, self.data, self.body, self.type, self.public = path, data, body, type, public

    def ask(self, client, method, world=None, csrf=True, headers=None):
        path = self.path.format(**world.ids) if world else re.sub(r'\{\w+\}', NO_ID, self.path)
        data = (self.data(world) if world else {}) if callable(self.data) else self.data
        headers = dict(headers or {}, **({'Content-Type': self.type} if self.type else {}))
        client.new_address()
        return client.request(method, path, data=data, body=self.body, csrf=csrf, headers=headers)


def contract_of_world(world):
    return contract_input(world.ids['worker'])


CASES = {
    'login': Case('/api/v1/session', {'user': 'nobody', 'password': 'not the password'}, public='logging in'),
    'getSession': Case('/api/v1/session'),
    'logout': Case('/api/v1/session'),
    'requestWorkerCode': Case('/api/v1/worker/code', {'phone': '13900000001'}, public='logging in'),
    'workerLogin': Case('/api/v1/worker/session', {'phone': '13900000001', 'code': '000000'}, public='logging in'),
    'getEnterprise': Case('/api/v1/enterprise'),
    'getSealImage': Case('/api/v1/enterprise/seal.svg'),
    'getReference': Case('/api/v1/reference'),
    'listTemplates': Case('/api/v1/templates'),
    'listWorkers': Case('/api/v1/workers'),
    'createWorker': Case('/api/v1/workers', lambda world: person()),
    'getWorker': Case('/api/v1/workers/{worker}'),
    'checkContract': Case('/api/v1/contracts/check', contract_of_world),
    'createContract': Case('/api/v1/contracts', contract_of_world),
    'updateContract': Case('/api/v1/contracts/{draft}', contract_of_world),
    'discardContract': Case('/api/v1/contracts/{draft}'),
    'listContracts': Case('/api/v1/contracts'),
    'countContracts': Case('/api/v1/contracts/counts'),
    'getContract': Case('/api/v1/contracts/{sent}'),
    'previewContract': Case('/api/v1/contracts/{draft}/preview'),
    'sendContract': Case('/api/v1/contracts/{draft}/send', {'accept_warnings': True, 'sign_within_days': 9}),
    'resendLink': Case('/api/v1/contracts/{sent}/resend'),
    'withdrawContract': Case('/api/v1/contracts/{sent}/withdraw', {'reason': '不该发生'}),
    'sealContract': Case('/api/v1/contracts/{signed}/seal', {'password': DEMO_PASSWORD}),
    'downloadContract': Case('/api/v1/contracts/{sent}/document'),
    'openLink': Case('/api/v1/signing/open', {'token': 'x' * 43}, public='the link is the key'),
    'getSigning': Case('/api/v1/signing'),
    'giveConsent': Case('/api/v1/signing/consent', lambda world: {'notice_sha256': world.notice, 'agree': True}),
    'getSigningDocument': Case('/api/v1/signing/document'),
    'confirmRead': Case('/api/v1/signing/read', lambda world: {'document_sha256': world.document, 'pages': 4}),
    'proveIdentity': Case('/api/v1/signing/identity', lambda world: {'name': world.signer['name'],
                                                                     'id_number': world.signer['id_number']}),
    'sendSigningCode': Case('/api/v1/signing/code'),
    'signContract': Case('/api/v1/signing/sign', lambda world: {'code': '123456', 'drawing': drawing()}),
    'declineContract': Case('/api/v1/signing/decline', {'reason': '不该发生'}),
    'verifyPdf': Case('/api/v1/verify', body=b'%PDF-1.7\n', type='application/pdf', public='keeps nothing'),
    'listDemoMessages': Case('/api/v1/demo/messages', public='in demonstrations only'),
    'openapi': Case('/api/openapi.json', public='the description itself'),
    'healthz': Case('/healthz', public='liveness'),
    'readyz': Case('/readyz', public='readiness'),
    'metrics': Case('/metrics', public='no personal data'),
}
# What a member of another enterprise gets from routes without an object in their path: own things, never a refusal.
OWN_THINGS = {'getSession', 'logout', 'getEnterprise', 'getSealImage', 'getReference', 'listTemplates', 'listWorkers',
              'createWorker', 'listContracts', 'countContracts'}
UNSAFE = ('POST', 'PUT', 'PATCH', 'DELETE')


class Route:
    def __init__(self, method, path, operation):
        self.method, self.path, self.id = method.upper(), path, operation['operationId']
        self.allow = operation['x-qyq-allow']
        self.what = '%s (%s %s)' % (self.id, self.method, path)
        self.case = CASES.get(self.id)

    def admits(self, role):
        return 'anyone' in self.allow or role in self.allow or (role and 'logged-in' in self.allow)


class World:
    """Enterprise 1 with contracts in three states, and everybody who must not touch them."""

    def __init__(self, server):
        self.server = server
        hr = self.hr = Client(server).login('hr1')
        self.worker, self.signer, third = (new_worker(hr) for _ in range(3))
        draft = new_draft(hr, self.worker)
        sent = send(hr, new_draft(hr, self.signer))
        signed = send(hr, new_draft(hr, third))
        worker_signs(server, third)
        self.ids = {'draft': draft['id'], 'sent': sent['id'], 'signed': signed['id'], 'worker': self.worker['id']}
        self.token = latest_link(server, self.signer['phone'])
        at = Client(server).open_link(self.token).get('/api/v1/signing').need().json
        self.notice, self.document = at['notice']['sha256'], at['document_sha256']
        hr2 = Client(server).login('hr2')
        other = self.other_worker = new_worker(hr2)
        self.other_contract = send(hr2, new_draft(hr2, other))['id']
        worker_signs(server, other)
        another = self.other_signer = new_worker(hr2)
        self.signer_contract = send(hr2, new_draft(hr2, another))['id']
        self.third = third
        self.secrets = [v for v in self.ids.values()] + [self.signer['name'], self.worker['name'], third['name']]
        self.actors = {role: self.enter(role) for role in ROLES}

    def enter(self, role):
        """Somebody of that role; signer and worker belong to the contracts of enterprise 2."""
        if role == 'signer':
            return open_signing(self.server, self.other_signer)
        if role == 'worker':
            self.server.sqlite('DELETE FROM one_time_code')  # at most one a minute
            return Client(self.server).worker_login(self.other_worker['phone'])
        return Client(self.server).login(role + '1')


def routes(server):
    paths = Client(server).get('/api/openapi.json').need().json['paths']
    return [Route(method, path, operation) for path, methods in paths.items() for method, operation in methods.items()]


server = Server()
ROUTES = routes(server)
world = World(server)
server.settle()


def each(what, rows):
    """Runs check(row) for all, tells all that fail."""
    bad = []
    for name, run_it in rows:
        try:
            run_it()
        except Failed as error:
            bad.append('%s: %s' % (name, error))
    check(not bad, '%d of %d: %s\n%s' % (len(bad), len(rows), what, '\n'.join(bad)))
    check(rows, what + ': nothing was asked')
    note('%s: %d requests' % (what, len(rows)))


@test('every route has a case, and every case a route')
def _():
    check_eq(sorted(r.id for r in ROUTES), sorted(CASES), 'operations')
    check_eq(len({r.id for r in ROUTES}), len(ROUTES), 'operations with an own name')
    for r in ROUTES:
        check(r.allow, '%s does not say who may ask' % r.what)
        check(set(r.allow) <= set(ROLES) | {'anyone', 'logged-in'}, '%s: unknown role in %r' % (r.what, r.allow))
        check(('anyone' in r.allow) == bool(r.case.public), '%s is for %r, the case says otherwise' % (r.what, r.allow))


@test('nobody gets in anywhere')
def _():
    def ask(r, stale):
        before = server.state()
        client = Client(server)
        if stale:
            client.cookies['qyq_session'], client.csrf = 'A' * 43, 'B' * 43
        r.case.ask(client, r.method, world).refused(401, 'http_login')
        if r.method == 'GET':
            client.request('HEAD', r.case.path.format(**world.ids)).need(401)
        server.check_untouched(before, r.what)
    closed = [r for r in ROUTES if 'anyone' not in r.allow]
    each('asked by nobody', [(r.what, lambda r=r: ask(r, False)) for r in closed] +
         [(r.what + ' with an unknown session', lambda r=r: ask(r, True)) for r in closed])


@test('no role gets in where a higher or another one is asked for')
def _():
    def ask(r, role):
        before = server.state()
        r.case.ask(world.actors[role], r.method, world).refused(403, 'http_forbidden')
        server.check_untouched(before, r.what)
    each('asked by a role that may not', [('%s as %s' % (r.what, role), lambda r=r, role=role: ask(r, role))
                                          for r in ROUTES for role in ROLES if not r.admits(role)])


@test('each role that may is let in: what was refused was refused for the role')
def _():
    def ask(r, role):
        client = leaving[role] if r.id == 'logout' else world.actors[role]
        got = r.case.ask(client, r.method)  # no such object, an empty form: no effect
        check(got.status not in (401, 403) or got.reason in ('login_failed', 'code_wrong'),
              'answered %d %r' % (got.status, got.body[:200]))
    leaving = {role: world.enter(role) for role in ROLES}
    server.settle()
    before = server.state()
    skip = {'requestWorkerCode', 'createWorker', 'declineContract', 'sendSigningCode', 'verifyPdf'}
    each('asked by those who may', [('%s as %s' % (r.what, role), lambda r=r, role=role: ask(r, role))
                                    for r in ROUTES for role in ROLES if r.admits(role) and r.id not in skip])
    server.check_untouched(before, 'all')


@test('members of another enterprise find nothing of the first')
def _():
    actors = {'hr': Client(server).login('hr2'), 'seal': Client(server).login('seal2')}

    def ask(r, role):
        before = server.state()
        got = r.case.ask(actors[role], r.method, world)
        if r.id in OWN_THINGS:
            got.need()
            for secret in world.secrets:
                check(secret.encode() not in got.body, 'answers something of the other enterprise: ' + secret)
        else:
            got.need(404)
            check(got.reason in ('contract_unknown', 'worker_unknown'), 'reason %s' % got.reason)
            for secret in world.secrets[3:]:
                check(secret.encode() not in got.body, 'tells ' + secret)
        if r.id not in ('createWorker', 'logout'):
            server.check_untouched(before, r.what)
    rows = [('%s as %s of another enterprise' % (r.what, role), lambda r=r, role=role: ask(r, role))
            for r in ROUTES for role in ('hr', 'seal')
            if 'anyone' not in r.allow and r.admits(role) and r.id != 'logout' and 'signing' not in r.path]
    each('asked from another enterprise', rows)


@test('a draft of ours cannot be given to a worker of others, nor a worker of ours to their draft')
def _():
    hr2 = Client(server).login('hr2')
    before = server.state()
    hr2.post('/api/v1/contracts', contract_input(world.worker)).refused(404, 'worker_unknown', '/worker_id')
    world.hr.put('/api/v1/contracts/' + world.ids['draft'], contract_input(world.other_worker)
                 ).refused(404, 'worker_unknown', '/worker_id')
    server.check_untouched(before, 'both')


@test('workers see their own contracts only, and no drafts')
def _():
    workers = [world.actors['worker'], Client(server).worker_login(world.worker['phone'])]
    server.settle()
    before = server.state()
    for who in workers:
        for name in ('draft', 'sent', 'signed'):
            for tail in ('', '/document', '/document?revision=sent'):
                who.get('/api/v1/contracts/' + world.ids[name] + tail).refused(404, 'contract_unknown')
        listed = who.get('/api/v1/contracts').need().json['items']
        check(not {c['id'] for c in listed} & set(world.ids.values()), 'lists contracts of others, or drafts')
        who.get('/api/v1/signing').refused(404, 'contract_unknown')
    server.check_untouched(before, 'workers')
    own = world.actors['worker'].get('/api/v1/contracts').need().json['items']
    check_eq([c['id'] for c in own], [world.other_contract], "the worker's own contracts")
    check_eq(get_contract(world.actors['worker'], own[0])['allowed'], ['downloadContract'], 'what a worker may do')


@test("a worker's phone that another employer knows opens no contract of the first")
def _():
    # an employer may write any phone beside a worker: it must not become a key to what others agreed with that worker
    hr2 = Client(server).login('hr2')
    stranger = '13912345678'
    told = dict(world.signer, phone=stranger)
    hr2.post('/api/v1/workers', {k: told[k] for k in ('name', 'id_type', 'id_number', 'phone', 'address')}).need(201)
    spy = Client(server).worker_login(stranger)
    seen = [c['id'] for c in spy.get('/api/v1/contracts').need().json['items']]
    check_eq(seen, [], 'contracts that the phone stated by another employer shows')
    spy.get('/api/v1/contracts/%s/document' % world.ids['sent']).refused(404, 'contract_unknown')


@test('a signer acts on the contract of the link and on no other')
def _():
    client = open_signing(server, world.other_signer)
    at = client.get('/api/v1/signing').need().json
    check_eq(at['contract_id'], world.signer_contract, 'the contract of the session')
    before = server.state()
    # what belongs to the other contract is refused here
    client.post('/api/v1/signing/read', {'document_sha256': world.document, 'pages': at['pages']}
                ).refused(409, 'ceremony_order')
    client.post('/api/v1/signing/consent', {'notice_sha256': world.notice, 'agree': True}).refused(409, 'ceremony_notice')
    server.check_untouched(before, 'the other contract')
    signing_step(client, world.other_signer, 'consent')
    client.post('/api/v1/signing/read', {'document_sha256': world.document, 'pages': at['pages']}
                ).refused(409, 'ceremony_document')
    signing_step(client, world.other_signer, 'read')
    client.post('/api/v1/signing/identity', {'name': world.signer['name'], 'id_number': world.signer['id_number']}
                ).refused(422, 'registry_mismatch')
    check_eq(get_contract(world.hr, world.ids['sent'])['state'], 'sent', 'the other contract')


@test('an unsafe request without the token of its session, or from another site, does nothing')
def _():
    other = Client(server).login('hr3')

    def ask(r, role, csrf, headers):
        before = server.state()
        r.case.ask(world.actors[role], r.method, world, csrf, headers).refused(403, 'http_csrf')
        server.check_untouched(before, r.what)
    ways = [('without a token', {}), ('with a wrong token', {'X-QYQ-CSRF': 'A' * 43}),
            ("with another session's token", {'X-QYQ-CSRF': other.csrf}), ('with an empty token', {'X-QYQ-CSRF': ''})]
    rows = []
    for r in ROUTES:
        role = next((role for role in reversed(ROLES) if r.admits(role)), None)
        if r.method not in UNSAFE:
            continue
        rows += [('%s %s' % (r.what, way), lambda r=r, role=role, h=headers: ask(r, role, False, h)) for way, headers in ways]
        for headers in ({'Sec-Fetch-Site': 'cross-site'}, {'Origin': 'https://example.com'}):
            rows.append(('%s from elsewhere' % r.what, lambda r=r, role=role, h=headers: ask(r, role, True, h)))
    each('forged', rows)


@test('what anyone may ask tells nobody anything')
def _():
    client = Client(server)
    known = client.post('/api/v1/session', {'user': 'hr3', 'password': 'Wrong-2026'}).refused(401, 'login_failed').error
    unknown = client.post('/api/v1/session', {'user': 'nobody', 'password': 'Wrong-2026'}).refused(401, 'login_failed').error
    check_eq(known['message'], unknown['message'], 'words for a known and an unknown user')
    shapes = []
    for phone in (world.third['phone'], '13987654321'):
        got = client.post('/api/v1/worker/code', {'phone': phone}).need(200).json
        shapes.append(sorted(got))
        client.post('/api/v1/worker/session', {'phone': phone, 'code': '000000'}).refused(422, 'code_wrong')
    check_eq(shapes[0], shapes[1], 'answers for a known and an unknown phone')
    client.post('/api/v1/signing/open', {'token': 'x' * 43}).refused(404, 'link_unknown')
    check(len(messages(server, '13987654321')) == 0, 'a message to a phone that nobody has')
    for path in ('/healthz', '/readyz', '/metrics', '/api/openapi.json'):
        body = client.get(path).need(200).body
        check(not any(s.encode() in body for s in world.secrets), path + ' tells of contracts')


@test('a cookie is worth nothing after logging out')
def _():
    client = Client(server).login('hr1')
    kept, csrf = dict(client.cookies), client.csrf
    client.logout()
    client.cookies, client.csrf = kept, csrf
    client.get('/api/v1/contracts').refused(401, 'http_login')
    client.delete('/api/v1/session').refused(401, 'http_login')


@test('messages to phones are shown in demonstrations only')
def _():
    with Server(demo=False) as plain:
        Client(plain).get('/api/v1/demo/messages').refused(404, 'demo_only')


main()
