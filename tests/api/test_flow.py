"""One contract from the form to the seal through the interface, on both databases, and what others say about the PDF."""
import re

import pdf_outside as outside
from harness import *

FIELDS = ['Lock', 'Worker', 'Employer']
DURABLE = ['created', 'effective', 'archive_added']


def findings(report, severity):
    return [f for f in report['findings'] if f['severity'] == severity]


def spoil_probation(data):
    """Seven months of probation in a three-year contract: 劳动合同法 19 allows six."""
    start = datetime.date.fromisoformat(data['term']['start'])
    data['term']['probation_end'] = (start + datetime.timedelta(213)).isoformat()


def leave_blank(data):
    """No pay day: 工资支付暂行规定 7 wants one."""
    del data['pay']['pay_day'], data['pay']['pay_day_month']


def check_findings(hr, worker):
    told = hr.post('/api/v1/contracts/check', contract_input(worker, spoil_probation)).need(200).json
    check(told['blocking'], 'seven months of probation are not blocked')
    blocks = findings(told, 'block')
    check(any('十九条' in f['article'] and '/term/probation_end' in f['fields'] for f in blocks),
          'no finding names article 19 and the field: %r' % blocks)
    told = hr.post('/api/v1/contracts/check', contract_input(worker, leave_blank)).need(200).json
    check(not told['blocking'] and findings(told, 'warn'), 'a missing pay day is no warning: %r' % told)
    told = hr.post('/api/v1/contracts/check', contract_input(worker)).need(200).json
    check(not told['blocking'] and not findings(told, 'warn'), 'a lawful contract has findings: %r' % told)
    english = hr.post('/api/v1/contracts/check?lang=en', contract_input(worker, spoil_probation)).need(200).json
    check(re.search('[a-z]{4}', findings(english, 'block')[0]['message']), 'no English finding')


def prepare(hr, worker):
    """Draft with what is blocked, then with a warning, then as it should be; sent. Answers the Contract."""
    contract = new_draft(hr, worker, spoil_probation)
    url = '/api/v1/contracts/' + contract['id']
    check_eq((contract['state'], contract['findings']['blocking']), ('draft', True), 'the new draft')
    send_it = {'accept_warnings': True, 'sign_within_days': 15}
    hr.post(url + '/send', send_it).refused(422, 'contract_blocked')
    hr.put(url, contract_input(worker, leave_blank)).need(200)
    hr.post(url + '/send', dict(send_it, accept_warnings=False)).refused(422, 'contract_warnings', '/accept_warnings')
    check_eq(get_contract(hr, contract)['state'], 'draft', 'state after refusals')
    contract = hr.put(url, contract_input(worker)).need(200).json
    check(not contract['findings']['findings'], 'findings stay after the draft was put right')
    preview = hr.get(url + '/preview').need(200)
    check_eq(preview.headers['Content-Type'], 'application/pdf', 'type of the preview')
    text = run('pdftotext', write('preview.pdf', preview.body), '-').stdout
    check(worker['name'] in text and worker['id_number'] in text, 'the preview does not name the worker')
    contract = send(hr, contract)
    check_eq(contract['state'], 'sent', 'state after sending')
    check_eq([r['name'] for r in contract['revisions']], ['sent'], 'revisions')
    hr.get(url + '/preview').refused(409, 'contract_state')
    return contract


def sign(server, worker, contract):
    """The worker's way, step by step, looking at each; answers the worker's Client."""
    client = Client(server).open_link(latest_link(server, worker['phone']))
    check_eq((client.session['kind'], client.session['contract_id']), ('signer', contract['id']), 'the session')
    at = client.get('/api/v1/signing').need().json
    check_eq((at['step'], at['number']), ('terms', contract['number']), 'the first step')
    check(worker['name'] not in at['worker_name_masked'] and worker['phone'] not in at['phone_masked'],
          'name or phone is not masked before identity is proven')
    check(any('6,500.00' in t['value'] for t in at['terms']), 'the plain words do not name the wage')
    check_eq(signing_step(client, worker, 'consent')['step'], 'read', 'after consent')
    shown = client.get('/api/v1/signing/document').need().body
    at = client.get('/api/v1/signing').need().json
    check_eq(hashlib.sha256(shown).hexdigest(), at['document_sha256'], 'hash of the shown document')
    check_eq(signing_step(client, worker, 'read')['step'], 'identity', 'after reading')
    check_eq(signing_step(client, worker, 'identity')['step'], 'sign', 'after identity')
    at = signing_step(client, worker, 'sign')
    check(at['step'] in ('stamping', 'done'), 'after signing: %s' % at['step'])
    check_eq(client.session['kind'], 'worker', 'the session after signing')
    wait_until(lambda: client.get('/api/v1/signing').need().json['step'] == 'done', "the worker's signature")
    signed = client.get('/api/v1/contracts/%s/document?revision=worker' % contract['id']).need().body
    check(signed.startswith(shown) and len(signed) > len(shown), 'what was signed does not begin with what was shown')
    return client


def seal(server, contract):
    sealer = Client(server).login('seal1')
    url = '/api/v1/contracts/' + contract['id']
    check_eq(get_contract(sealer, contract)['effective_at'], None, 'in force before the seal')
    sealer.post(url + '/seal', {'password': 'Wrong-2026'}).refused(401, 'login_failed')
    done = employer_seals(sealer, contract)
    check(done['effective_at'], 'no time of effect')
    check_eq([s['role'] for s in done['signatures']], ['platform', 'worker', 'employer'], 'signatures')
    latest = max(s['at'] for s in done['signatures'] if s['role'] != 'platform')
    check_eq(done['effective_at'], latest, 'in force at the later of both stamps')
    kinds = [e['kind'] for e in done['timeline']]
    check_eq([k for k in kinds if k in DURABLE][:2], DURABLE[:2], 'timeline')
    for e in done['timeline']:
        check(e['text'] and e['text'] != e['kind'] and not e['text'].startswith('contract.'), 'no words for %r' % e)
    return done


def look_at_pdf(server, pdf, number):
    outside.check_outside(pdf, server.root_pem, FIELDS)
    code, told = outside.qyq_verify(pdf, server.root_pem)
    check_eq((code, told['integrity'], told['trust'], told['verdict']), (0, 'INTACT', 'PASSED', 'valid'), 'qyq verify')
    check_eq([(s['field'], s['level']) for s in told['signatures']], [(f, 'B-T') for f in FIELDS], 'its signatures')
    code, told = outside.qyq_verify(pdf)
    check_eq((code, told['integrity'], told['trust']), (2, 'INTACT', 'INDETERMINATE'), 'qyq verify without a root')
    told = Client(server).verify(pdf)
    check_eq((told['integrity'], told['trust'], told['known']['number']), ('INTACT', 'PASSED', number), 'verifyPdf')
    check(told['summary'] and told['summary'] != told['integrity'], 'verifyPdf says no words')


def look_at_forgeries(server, pdf):
    """Each is refused, by the command and over HTTP, with the same word."""
    ranges = [r for r, _ in outside.signatures(pdf)]
    ends = [0] + [r[2] + r[3] for r in ranges]  # of the revisions
    # inside objects of each revision: exit 1; in what holds a file together (its tables) it may also be unreadable: 3
    inside = [ranges[0][1] * n // 6 + 60 for n in range(6)] + [ranges[1][2] + 700, ranges[2][2] + 9000, ranges[2][2] + 12000]
    frame = [at for end in ends[1:] for at in (end - 40, end - 120)]
    cases = [('byte %d flipped' % at, outside.flipped(pdf, at), (1,), None) for at in inside]
    cases += [('byte %d of a table flipped' % at, outside.flipped(pdf, at), (1, 3), None) for at in frame]
    cases += [('page content replaced by an update', outside.with_other_page(pdf), (1,), 'CHANGED'),
              ('annotation added by an update', outside.with_note_over_page(pdf), (1,), 'CHANGED')]
    client = Client(server)
    for what, forged, codes, word in cases:
        code, told = outside.qyq_verify(forged, server.root_pem)
        check(code in codes, '%s: exit %d, %s' % (what, code, told['integrity']))
        check(not told['integrity'].startswith('INTACT'), '%s: %s' % (what, told['integrity']))
        check(word in (None, told['integrity']), '%s: %s' % (what, told['integrity']))
        check_eq(told['verdict'], {1: 'invalid', 3: 'unreadable'}[code], what)
        web = client.verify(forged)
        check_eq((web['integrity'], web['verdict'], web['known']), (told['integrity'], told['verdict'], None), what)


def archive(server, hr, contract, final):
    """The same document with long-term data and an archive timestamp; answers its bytes."""
    done = wait_archived(hr, contract)
    kinds = [e['kind'] for e in done['timeline']]
    check_eq([k for k in kinds if k in DURABLE], DURABLE, 'timeline')
    check(all(e['text'] and e['text'] != e['kind'] and 'contract.' not in e['text'] for e in done['timeline']), 'words')
    told = done['archive']
    check_eq((told['state'], told['stamps'], told['waiting']), ('done', 1, None), 'archive')
    check(told['until_at'] > told['stamped_at'] >= done['effective_at'] and told['text'], 'archive: %r' % told)
    check_eq([r['name'] for r in done['revisions']], ['sent', 'worker', 'final', 'archive'], 'revisions')
    pdf = download(hr, contract)
    check_eq(download(hr, contract, 'archive'), pdf, 'the newest revision')
    check(pdf.startswith(final) and len(pdf) > len(final), 'the archived document does not begin with the signed one')
    check_eq(hashlib.sha256(pdf).hexdigest(), done['revisions'][-1]['sha256'], 'hash of the archived document')
    code, report = outside.qyq_verify(pdf, server.root_pem)  # no network: all data is inside
    check_eq((code, report['integrity'], report['trust']), (0, 'INTACT', 'PASSED'), 'qyq verify of the archived document')
    check_eq([(s['field'], s['kind'], s['level']) for s in report['signatures'] if s['kind'] != 'doctimestamp'],
             [('Lock', 'certification', 'B-LTA'), ('Worker', 'approval', 'B-LTA'), ('Employer', 'approval', 'B-LTA')],
             'levels')
    check_eq([s['field'] for s in report['signatures']], FIELDS + ['Archive1'], 'fields')
    check_eq(Client(server).verify(pdf)['known']['number'], done['number'], 'known to the public page')
    got = run('qpdf', '--check', write('check.pdf', pdf))
    check(got.returncode == 0, 'qpdf --check: %s%s' % (got.stdout, got.stderr))
    told = [s for s in outside.pdfsig(pdf, server.root_pem) if s['field'] in FIELDS]
    check_eq([(s['field'], s['signature']) for s in told], [(f, 'Signature is Valid.') for f in FIELDS], 'pdfsig')
    return pdf


def flow(server):
    hr = Client(server).login('hr1')
    worker = new_worker(hr)
    check_eq([w['id'] for w in hr.get('/api/v1/workers', q=worker['id_number']).need().json['items']], [worker['id']],
             'the worker found by ID number')
    check_findings(hr, worker)
    contract = prepare(hr, worker)
    client = sign(server, worker, contract)
    done = seal(server, contract)
    pdf = download(hr, contract, 'final')
    check_eq(pdf, download(client, contract, 'final'), "the worker's and the employer's copy")
    check(pdf.startswith(download(client, contract, 'worker')), 'the seal is no incremental update')
    inbox = Client(server).worker_login(worker['phone'])
    check_eq([c['id'] for c in inbox.get('/api/v1/contracts').need().json['items']], [contract['id']], "worker's inbox")
    archived = archive(server, hr, contract, pdf)
    check_eq(download(inbox, contract), archived, 'the copy from the inbox')
    check(any('已生效' in m['text'] for m in messages(server, worker['phone'])), 'no message that it is in force')
    return pdf, done['number']


@test('the whole flow on SQLite; other programs find the PDF good, forgeries are found')
def _():
    with Server() as server:
        pdf, number = flow(server)
        look_at_pdf(server, pdf, number)
        look_at_forgeries(server, pdf)


@test('the whole flow on PostgreSQL, with CA and TSA as services of their own')
def _():
    with TestCa() as ca, Server(db=Postgres.get().url(), config=ca.config()) as server:
        pdf, number = flow(server)
        look_at_pdf(server, pdf, number)
        side_ways(server)


def decline(server, hr):
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    client = open_signing(server, worker, 'read')
    got = client.post('/api/v1/signing/decline', {'reason': '工资与面谈时不一致'}).need().json
    check_eq((got['step'], got['state']), ('closed', 'declined'), 'after declining')
    check(any('工资与面谈时不一致' in e['note'] for e in get_contract(hr, contract)['timeline']), 'HR does not see why')
    client.post('/api/v1/signing/identity', {'name': worker['name'], 'id_number': worker['id_number']}
                ).refused(409, 'contract_state')
    check_eq(get_contract(hr, contract)['state'], 'declined', 'state')


def withdraw(server, hr):
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    url = '/api/v1/contracts/%s/withdraw' % contract['id']
    client = open_signing(server, worker, 'identity')
    check_eq(hr.post(url, {'reason': '岗位取消'}).need().json['state'], 'withdrawn', 'state')
    code = latest_code(server, worker['phone'])
    client.post('/api/v1/signing/sign', {'code': code, 'drawing': drawing()}).refused(409, 'contract_state')
    check_eq(client.get('/api/v1/signing').need().json['step'], 'closed', 'the step that the worker sees')
    hr.post(url, {'reason': '再次'}).refused(409, 'contract_state')
    # a contract that only the worker has signed can still be taken back, one in force cannot
    signed = new_worker(hr)
    contract = send(hr, new_draft(hr, signed))
    worker_signs(server, signed)
    check_eq(hr.post('/api/v1/contracts/%s/withdraw' % contract['id'], {'reason': '资料有误'}).need().json['state'],
             'withdrawn', 'state after the worker signed')
    Client(server).login('seal1').post('/api/v1/contracts/%s/seal' % contract['id'], {'password': DEMO_PASSWORD}
                                       ).refused(409, 'contract_state')


def resend(server, hr):
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    old = latest_link(server, worker['phone'])
    old_session = Client(server).open_link(old)
    hr.post('/api/v1/contracts/%s/resend' % contract['id']).need()
    new = latest_link(server, worker['phone'])
    check(old != new, 'the link is the old one')
    Client(server).post('/api/v1/signing/open', {'token': old.rsplit('/', 1)[-1]}).refused(404, 'link_unknown')
    old_session.get('/api/v1/signing').refused(401, 'http_login')
    worker_signs(server, worker)
    hr.post('/api/v1/contracts/%s/resend' % contract['id']).refused(409, 'contract_state')


def discard(server, hr):
    worker = new_worker(hr)
    contract = new_draft(hr, worker)
    hr.delete('/api/v1/contracts/' + contract['id']).need(204)
    check_eq(get_contract(hr, contract)['state'], 'void', 'state')
    hr.post('/api/v1/contracts/%s/send' % contract['id'], {'accept_warnings': True, 'sign_within_days': 5}
            ).refused(409, 'contract_state')
    sent = send(hr, new_draft(hr, worker))
    hr.delete('/api/v1/contracts/' + sent['id']).refused(409, 'contract_state')


def side_ways(server):
    hr = Client(server).login('hr1')
    for way in (decline, withdraw, resend, discard):
        try:
            way(server, hr)
        except Failed as error:
            fail('%s: %s' % (way.__name__, error))


@test('decline, withdraw, resend and discard on SQLite')
def _():
    with Server() as server:
        side_ways(server)


@test('a contract that is not signed in time lapses, and says so to both')
def _():
    with Server() as server:
        # the demonstration's own: sent with a deadline that has passed, so the schedule finds it at start
        hr2 = Client(server).login('hr2')
        wait_until(lambda: hr2.get('/api/v1/contracts', state='lapsed').need().json['items'], 'the seeded one to lapse')
        hr = Client(server).login('hr1')
        worker = new_worker(hr)
        contract = send(hr, new_draft(hr, worker), days=1)
        client = open_signing(server, worker, 'identity')
        token = latest_link(server, worker['phone']).rsplit('/', 1)[-1]
        server.sqlite('UPDATE contract SET sign_by = sign_by - 86400001 WHERE id = ?', contract['id'])
        Client(server).post('/api/v1/signing/open', {'token': token}).refused(410, 'link_expired')
        client.post('/api/v1/signing/sign', {'code': latest_code(server, worker['phone']), 'drawing': drawing()}
                    ).refused(410, 'link_expired')
        server.sqlite("UPDATE job SET run_at = 0 WHERE kind = 'contract.lapse' AND state = 'queued'")  # once a minute
        got = wait_state(hr, contract, 'lapsed')
        check(got['timeline'][-1]['kind'] == 'lapsed', 'timeline: %r' % got['timeline'][-1])
        check(any('逾期' in m['text'] or '期限' in m['text'] or '失效' in m['text'] for m in
                  messages(server, worker['phone'])), 'the worker is not told: %r' % messages(server, worker['phone']))
        hr.post('/api/v1/contracts/%s/resend' % contract['id']).refused(409, 'contract_state')


@test('a stopped program goes on where it was: one database, one folder')
def _():
    with Server() as server:
        hr = Client(server).login('hr1')
        worker = new_worker(hr)
        contract = send(hr, new_draft(hr, worker))
        client = open_signing(server, worker, 'read')
        before = download(hr, contract)
        server.restart()
        check_eq(client.get('/api/v1/signing').need().json['step'], 'identity', 'the step after a restart')
        check_eq(download(hr, contract), before, 'the document after a restart')


def admin(server, *words):
    got = run(QYQ, 'admin', '--config', server.data + '.conf', '--data', server.data, *words)
    check(got.returncode == 0, 'qyq admin %s: %s' % (' '.join(words), got.stderr))
    return got.stdout


def due_now(server):
    """The schedule that looks for archive timestamps to renew comes once an hour."""
    server.sqlite("UPDATE job SET run_at = 0 WHERE kind = 'contract.archive_due' AND state = 'queued'")


def levels(server, pdf):
    code, told = outside.qyq_verify(pdf, server.root_pem)
    check_eq((code, told['integrity'], told['trust']), (0, 'INTACT', 'PASSED'), 'qyq verify')
    return [(s['field'], s['level']) for s in told['signatures'] if s['kind'] != 'doctimestamp'], len(told['signatures'])


@test('archive timestamps are renewed when their end is near, when an algorithm is weak, and on demand; refusals are told')
def _():
    with Server() as server:
        hr = Client(server).login('hr1')
        first = [c for c in hr.get('/api/v1/contracts', state='effective').need().json['items']][0]
        wait_archived(hr, first)
        check_eq(admin(server, 'archive', 'list'), '', 'contracts that need something')
        check(first['number'] in admin(server, 'archive', 'list', '--state', 'all'), 'not in the list')
        old = download(hr, first)
        # its end is near
        server.sqlite('UPDATE contract_archive SET until_at = ? WHERE contract_id = ?',
                      (time.time() + 80 * 86400) * 1000 // 1, first['id'])
        check('due' in admin(server, 'archive', 'list'), 'not told as due')
        due_now(server)
        told = wait_archived(hr, first, 2)
        new = download(hr, first)
        check(new.startswith(old) and len(new) > len(old), 'the renewed document does not begin with the old one')
        check_eq(levels(server, new), ([(f, 'B-LTA') for f in FIELDS], 5), 'signatures of the renewed document')
        check('archive_renewed' in [e['kind'] for e in told['timeline']], 'timeline')
        check_eq(admin(server, 'archive', 'list'), '', 'contracts that need something')
        # on demand
        admin(server, 'archive', 'renew', first['id'])
        wait_archived(hr, first, 3)
        # by the algorithm
        server.stop()
        server.config['archive.weak'] = 'sha1 md5'
        server.start()
        server.sqlite("UPDATE contract_archive SET imprint = 'sha1' WHERE contract_id = ? AND seq = 3", first['id'])
        due_now(server)
        wait_archived(hr, first, 4)
        # a TSA that is no better than the timestamp that is there: nothing is added, and the operator is told
        server.stop()
        server.config['archive.weak'] = 'sha256'
        server.start()
        due_now(server)
        wait_until(lambda: get_contract(hr, first)['archive']['waiting'], 'the refusal')
        told = get_contract(hr, first)
        check('archive_no_gain' in admin(server, 'archive', 'list'), 'not told to the operator')
        check_eq((told['archive']['state'], told['archive']['stamps']), ('done', 4), 'archive')
        check('时间戳服务' in told['archive']['waiting'], 'words: %r' % told['archive'])
        server.stop()
        del server.config['archive.weak']
        # the stored document is damaged: refused, told, and the contract stays in force
        server.start()
        server.sqlite('UPDATE contract_archive SET until_at = 1 WHERE contract_id = ?', first['id'])
        blob = server.sqlite('SELECT sha256 FROM contract_archive WHERE contract_id = ? AND seq = 4', first['id'])[0][0]
        spoil(server, blob)
        server.sqlite('UPDATE contract_archive_fault SET last_at = 0')
        due_now(server)
        failures = lambda: [e['kind'] for e in get_contract(hr, first)['timeline']].count('archive_failed')
        wait_until(lambda: failures() == 2, 'the refusal')
        told = get_contract(hr, first)
        check_eq((told['state'], told['archive']['stamps'], bool(told['archive']['waiting'])), ('effective', 4, True), 'told')
        listed = admin(server, 'archive', 'list')
        check(told['number'] in listed and 'due' in listed, 'the list of the operator: %r' % listed)
        due_now(server)  # it waits for a day before the next attempt
        time.sleep(1)
        check_eq(failures(), 2, 'told more than once')
        check_eq([r[0] for r in server.sqlite('SELECT contract_id FROM contract_archive_fault')], [first['id']],
                 'faults of contracts that are well again')
        server.sqlite('UPDATE contract_archive_fault SET last_at = 0')
        due_now(server)
        wait_until(lambda: server.sqlite('SELECT last_at FROM contract_archive_fault')[0][0] > 0, 'the next attempt')
        check_eq(failures(), 2, 'told more than once')


def spoil(server, sha256):
    """Damages a stored document."""
    found = [os.path.join(d, f) for d, _, files in os.walk(os.path.join(server.data, 'blobs')) for f in files
             if sha256 in f or sha256[2:] in f]
    check(found, 'no stored document %s' % sha256)
    for path in found:
        with open(path, 'r+b') as f:
            f.seek(-20, 2)
            f.write(b'not what it was')


main()
