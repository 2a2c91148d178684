"""What is wrong is refused with a clear word, and nothing is half done: each refusal has its status, a stable reason, words in
Chinese and in English, and leaves the database as it was."""
import threading

from harness import *

server = Server()
hr = Client(server).login('hr1')


def is_chinese(text):
    return any('\u4e00' <= c <= '\u9fff' for c in text)


def check_words(reply, lang):
    words, reason = reply.error['message'], reply.error['reason']
    check(len(words) > 5 and reason not in words and 'err.' not in words, '%s: no words: %r' % (reason, words))
    check(is_chinese(words) == (lang == 'zh'), '%s: not the language %s: %r' % (reason, lang, words))


def refuse(what, client, method, path, status, reason, field=None, but=(), **request):
    """Asks in Chinese and in English; both are refused alike, and leave all tables as they were, apart from but."""
    before = server.state(but)
    for lang in ('zh', 'en'):
        client.new_address()
        full = path if lang == 'zh' else path + ('&' if '?' in path else '?') + 'lang=en'
        try:
            reply = client.request(method, full, **request).refused(status, reason, field)
            check_words(reply, lang)
        except Failed as error:
            fail('%s (%s): %s' % (what, lang, error))
    server.check_untouched(before, what, but)


def each(rows):
    """rows of refuse's arguments; tells all that fail."""
    bad = []
    for row in rows:
        request = row[-1] if isinstance(row[-1], dict) else {}
        try:
            refuse(*(row[:-1] if isinstance(row[-1], dict) else row), **request)
        except Failed as error:
            bad.append(str(error))
    check(not bad, '%d of %d:\n%s' % (len(bad), len(rows), '\n'.join(bad)))
    note('%d refusals' % len(rows))


def data(value):
    return {'data': value}


def raw(text):
    return {'body': text if isinstance(text, bytes) else text.encode(), 'headers': {'Content-Type': 'application/json'}}


def without(value, *keys):
    return {k: v for k, v in value.items() if k not in keys}


@test('bodies that are not what was asked for')
def _():
    url, good = '/api/v1/workers', person()
    deep = '{"name":' + '[' * 40 + ']' * 40 + '}'
    rows = [
        ('empty body', 400, 'json_syntax', '', raw('')),
        ('not JSON', 400, 'json_syntax', '', raw('name=x')),
        ('half JSON', 400, 'json_syntax', '', raw('{"name": "李明"')),
        ('two values', 400, 'json_syntax', '', raw('{} {}')),
        ('a list', 400, 'json_type', '', raw('[]')),
        ('a number', 400, 'json_type', '', raw('7')),
        ('not UTF-8', 400, 'json_not_utf8', None, raw(b'{"name":"\xff\xfe"}')),
        ('nested too deep', 400, 'json_too_deep', None, raw(deep)),
        ('a key twice', 400, 'json_duplicate', None, raw('{"name":"a","name":"b"}')),
        ('unknown field', 400, 'json_unknown_field', '/admin', data(dict(good, admin=True))),
        ('missing field', 400, 'json_missing', '/phone', data(without(good, 'phone'))),
        ('number for a text', 400, 'json_type', '/name', data(dict(good, name=5))),
        ('null for a text', 400, 'json_type', '/name', data(dict(good, name=None))),
        ('object for a text', 400, 'json_type', '/name', data(dict(good, name={}))),
        ('empty text', 400, 'json_too_short', '/name', data(dict(good, name=''))),
        ('text too long', 400, 'json_too_long', '/name', data(dict(good, name='长' * 60))),
        ('another kind of document', 400, 'json_choice', '/id_type', data(dict(good, id_type='passport'))),
        ('no type said', 415, 'http_media_type', None, {'body': b'{}'}),
        ('another type', 415, 'http_media_type', None, {'body': b'{}', 'headers': {'Content-Type': 'text/plain'}}),
        ('too large, as declared', 413, 'http_too_large', None, raw(b'{"name":"' + b'x' * (1 << 20) + b'"}')),
    ]
    each([(r[0], hr, 'POST', url) + r[1:] for r in rows])


@test('a body that grows too large while it comes')
def _():
    before = server.state()
    with socket.create_connection(('127.0.0.1', server.port), 20) as s:
        s.sendall(('POST /api/v1/workers HTTP/1.1\r\nHost: x\r\nCookie: qyq_session=%s\r\nX-QYQ-CSRF: %s\r\nContent-Type: '
                   'application/json\r\nTransfer-Encoding: chunked\r\n\r\n' % (hr.cookies['qyq_session'], hr.csrf)).encode())
        chunk = b'10000\r\n' + b' ' * 65536 + b'\r\n'
        try:
            for _ in range(20):
                s.sendall(chunk)
            s.sendall(b'0\r\n\r\n')
        except OSError:
            pass  # it stopped listening: fine, as long as it said why
        s.settimeout(20)
        got = s.recv(4096)
    check(b' 413 ' in got.split(b'\r\n')[0] and b'http_too_large' in got, 'answered %r' % got[:200])
    server.check_untouched(before, 'a chunked body')


@test('people who cannot be')
def _():
    good, known = person(), new_worker(hr)
    number = good['id_number']
    wrong = number[:-1] + ('1' if number[-1] != '1' else '2')
    rows = [
        ('wrong check digit', 400, 'person_id_check_digit', '/id_number', dict(good, id_number=wrong)),
        ('17 digits', 400, 'person_id_invalid', '/id_number', dict(good, id_number=number[:-1])),
        ('letters', 400, 'person_id_invalid', '/id_number', dict(good, id_number='A' + number[1:])),
        ('30 February', 400, 'person_id_invalid', '/id_number', dict(good, id_number=id_number(1, '19920230'))),
        ('born in the future', 400, 'person_id_invalid', '/id_number', dict(good, id_number=id_number(1, '20990101'))),
        ('phone of ten digits', 400, 'phone_invalid', '/phone', dict(good, phone='1380000000')),
        ('phone of letters', 400, 'phone_invalid', '/phone', dict(good, phone='1380000000x')),
        ('blank name', 400, 'name_empty', '/name', dict(good, name='   ')),
        ('another name for a known number', 409, 'worker_name_mismatch', '/name',
         dict(good, id_number=known['id_number'])),
    ]
    each([(what, hr, 'POST', '/api/v1/workers', status, reason, field, data(value))
          for what, status, reason, field, value in rows])


@test('contracts that are not one')
def _():
    worker = new_worker(hr)
    draft = new_draft(hr, worker)
    url = '/api/v1/contracts/' + draft['id']

    def spoilt(path, value):
        def change(d):
            *way, last = path.split('/')
            for step in way:
                d = d[step]
            d[last] = value
        return data(contract_input(worker, change))
    rows = [
        ('unknown group', 400, 'json_unknown_field', '/data/bonus', spoilt('bonus', 1)),
        ('unknown field', 400, 'json_unknown_field', '/data/pay/bonus', spoilt('pay/bonus', 1)),
        ('text for money', 400, 'json_type', '/data/pay/amount_fen', spoilt('pay/amount_fen', '650000')),
        ('half a fen', 400, 'json_type', '/data/pay/amount_fen', spoilt('pay/amount_fen', 6500.5)),
        ('negative wage', 400, 'json_range', '/data/pay/amount_fen', spoilt('pay/amount_fen', -1)),
        ('wage beyond numbers', 400, 'json_range', None, spoilt('pay/amount_fen', 10 ** 30)),
        ('no such day', 400, 'json_bad_date', '/data/term/start', spoilt('term/start', '2026-02-30')),
        ('no date', 400, 'json_bad_date', '/data/term/start', spoilt('term/start', 'soon')),
        ('unknown kind', 400, 'json_choice', '/data/term/kind', spoilt('term/kind', 'for ever')),
        ('text far too long', 400, 'json_too_long', '/data/work/content', spoilt('work/content', '工' * 20000)),
        ('no such worker', 404, 'worker_unknown', '/worker_id', data(contract_input('0' * 26))),
        ('malformed worker', 400, 'json_too_short', '/worker_id', data(contract_input('1'))),
        ('no such template', 404, 'template_unknown', None, data(dict(contract_input(worker), template='nonsense'))),
        ('a path for a template', 404, 'template_unknown', None, data(dict(contract_input(worker), template='../../etc/passwd'))),
        ('the notice as a template', 422, 'contract_template_unsupported', '/template',
         data(dict(contract_input(worker), template='electronic-form'))),
    ]
    for method, path in (('POST', '/api/v1/contracts'), ('POST', '/api/v1/contracts/check'), ('PUT', url)):
        for what, status, reason, field, request in rows:
            refuse('%s %s: %s' % (method, path, what), hr, method, path, status, reason, field, **request)
    each([
        ('days 0', hr, 'POST', url + '/send', 400, 'json_range', '/sign_within_days',
         data({'accept_warnings': True, 'sign_within_days': 0})),
        ('days 61', hr, 'POST', url + '/send', 400, 'json_range', '/sign_within_days',
         data({'accept_warnings': True, 'sign_within_days': 61})),
        ('text for yes', hr, 'POST', url + '/send', 400, 'json_type', '/accept_warnings',
         data({'accept_warnings': 'yes', 'sign_within_days': 6})),
        ('a body where none is taken', hr, 'POST', url + '/resend', 400, 'http_bad_request', None, raw('{"a":1}')),
        ('no such contract', hr, 'GET', '/api/v1/contracts/' + '0' * 26, 404, 'contract_unknown'),
        ('no id at all', hr, 'GET', '/api/v1/contracts/%27%20OR%201%3D1', 404, 'contract_unknown'),
        ('a very long id', hr, 'GET', '/api/v1/contracts/' + 'x' * 3000, 404, 'contract_unknown'),
        ('limit 0', hr, 'GET', '/api/v1/contracts?limit=0', 400, 'http_query', '?limit'),
        ('limit 201', hr, 'GET', '/api/v1/contracts?limit=201', 400, 'http_query', '?limit'),
        ('unknown state', hr, 'GET', '/api/v1/contracts?state=lost', 400, 'http_query', '?state'),
        ('unknown parameter', hr, 'GET', '/api/v1/contracts?everything=1', 400, 'http_query', '?everything'),
        ('made-up cursor', hr, 'GET', '/api/v1/contracts?cursor=abc', 400, 'cursor_invalid', '/cursor'),
        ('unknown revision', hr, 'GET', url + '/document?revision=secret', 400, 'http_query', '?revision'),
        ('no document yet', hr, 'GET', url + '/document', 404, 'contract_no_document'),
        ('no such page', hr, 'GET', '/api/v1/nothing', 404, 'http_not_found'),
        ('another method', hr, 'PUT', '/api/v1/contracts', 405, 'http_method'),
    ])
    # lang stands behind what cannot be understood: the words are in the browser's language then
    check_words(hr.get('/api/v1/contracts?limit=1&limit=2').refused(400, 'http_query'), 'zh')


@test('steps in the wrong order, or with the wrong hash')
def _():
    worker = new_worker(hr)
    send(hr, new_draft(hr, worker))
    client = open_signing(server, worker)
    at = client.get('/api/v1/signing').need().json
    url, wrong = '/api/v1/signing/', '0' * 64
    consent = {'notice_sha256': at['notice']['sha256'], 'agree': True}
    read = {'document_sha256': at['document_sha256'], 'pages': at['pages']}
    identity = {'name': worker['name'], 'id_number': worker['id_number']}
    sign = {'code': '123456', 'drawing': drawing()}
    post = lambda what, step, value, status, reason, field=None: (what, client, 'POST', url + step, status, reason, field,
                                                                  data(value))
    each([
        post('read before consent', 'read', read, 409, 'ceremony_order'),
        post('identity before consent', 'identity', identity, 409, 'ceremony_order'),
        post('sign before consent', 'sign', sign, 409, 'ceremony_order'),
        ('code before identity', client, 'POST', url + 'code', 409, 'ceremony_order'),
        post('wrong notice', 'consent', dict(consent, notice_sha256=wrong), 409, 'ceremony_notice', '/notice_sha256'),
        post('short hash', 'consent', dict(consent, notice_sha256='0'), 400, 'json_too_short', '/notice_sha256'),
        post('no consent', 'consent', dict(consent, agree=False), 400, 'consent_needed', '/agree'),
        post('decline without a reason', 'decline', {'reason': ''}, 400, 'json_too_short', '/reason'),
    ])
    signing_step(client, worker, 'consent')
    each([
        post('identity before reading', 'identity', identity, 409, 'ceremony_order'),
        post('another document', 'read', dict(read, document_sha256=wrong), 409, 'ceremony_document', '/document_sha256'),
        post('not all pages', 'read', dict(read, pages=read['pages'] - 1), 409, 'ceremony_document'),
        post('page 0', 'read', dict(read, pages=0), 400, 'json_range', '/pages'),
    ])
    signing_step(client, worker, 'read')
    each([
        post('sign before identity', 'sign', sign, 409, 'ceremony_order'),
        post('wrong check digit', 'identity',
             dict(identity, id_number=worker['id_number'][:-1] + ('0' if worker['id_number'][-1] != '0' else '1')),
             400, 'person_id_check_digit', '/id_number'),
    ])
    counted = ('contract_ceremony', 'record_event')
    refuse('another name', client, 'POST', url + 'identity', 422, 'registry_mismatch', but=counted,
           **data(dict(identity, name='别人')))
    refuse('another number', client, 'POST', url + 'identity', 422, 'registry_mismatch', but=counted,
           **data(dict(identity, id_number=id_number(999))))
    check_eq(client.get('/api/v1/signing').need().json['step'], 'identity', 'the step after all that')
    client.post(url + 'identity', dict(identity, name='别人')).refused(422, 'registry_mismatch')
    refuse('the right one after five wrong', client, 'POST', url + 'identity', 429, 'identity_locked', **data(identity))


@test('drawings that are no signature')
def _():
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    client = open_signing(server, worker, 'identity')
    code = latest_code(server, worker['phone'])
    dot = {'width': 360, 'height': 180, 'strokes': [[{'x': 5, 'y': 5, 't': 0}]]}
    line = lambda points: dict(dot, strokes=[points])
    point = lambda **over: dict({'x': 1, 'y': 1, 't': 1}, **over)
    rows = [
        ('nothing', dict(dot, strokes=[]), 'drawing_empty'),
        ('empty strokes', dict(dot, strokes=[[], [], []]), 'drawing_empty'),
        ('no strokes', {'width': 1, 'height': 1}, 'drawing_empty'),
        ('a dot', dot, 'drawing_empty'),
        ('a heap of dots', line([point()] * 50), 'drawing_empty'),
        ('20,001 points', drawing(3, 6667), 'drawing_too_large'),
        ('401 strokes', drawing(401, 2), 'drawing_too_large'),
        ('far away', line([point(x=1e300), point(x=-1e300)] * 4), 'drawing_too_large'),
        ('a point of text', line([point(x='1')] * 9), 'drawing_malformed'),
        ('a point without y', line([{'x': 1}] * 9), 'drawing_malformed'),
        ('strokes of numbers', dict(dot, strokes=[1, 2, 3]), None),
        ('strokes as text', dict(dot, strokes='zigzag'), None),
        ('a text', 'drawn', None),
        ('null', None, None),
        ('a number', 7, None),
    ]
    for what, value, reason in rows:
        before = server.state()
        got = client.post('/api/v1/signing/sign', {'code': code, 'drawing': value}).need(400)
        check(reason in (None, got.reason), '%s: %s' % (what, got.reason))
        check(got.reason.startswith(('drawing_', 'json_')), '%s: %s' % (what, got.reason))
        check_words(got, 'zh')
        server.check_untouched(before, what)
    refuse('no drawing', client, 'POST', '/api/v1/signing/sign', 400, 'json_missing', '/drawing', **data({'code': code}))
    check_eq(get_contract(hr, contract)['state'], 'sent', 'state')
    got = client.post('/api/v1/signing/sign', {'code': code, 'drawing': drawing()}).need().json
    check(got['step'] in ('stamping', 'done'), 'the code was spent on a refused drawing')


@test('codes: wrong, too often, expired, replayed, asked for too soon')
def _():
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    client = open_signing(server, worker, 'identity')
    code = latest_code(server, worker['phone'])
    wrong = '%06d' % ((int(code) + 1) % 1000000)
    url, right = '/api/v1/signing/sign', {'code': code, 'drawing': drawing()}
    sign = lambda c: data({'code': c, 'drawing': drawing()})
    refuse('a second code at once', client, 'POST', '/api/v1/signing/code', 429, 'code_too_soon')
    refuse('wrong', client, 'POST', url, 422, 'code_wrong', '/code', **sign(wrong))  # asks twice
    for _ in range(3):
        client.post(url, sign(wrong)['data']).refused(422, 'code_wrong')
    refuse('the right one after five wrong', client, 'POST', url, 422, 'code_used_up', '/code', **sign(code))
    refuse('not digits', client, 'POST', url, 422, 'code_used_up', '/code', **sign('abcdef'))
    refuse('too long', client, 'POST', url, 400, 'json_too_long', '/code', **sign('1' * 11))
    server.sqlite('UPDATE one_time_code SET created_at = created_at - 60001')
    client.new_address()
    client.post('/api/v1/signing/code').need()
    second = latest_code(server, worker['phone'])
    if second != code:
        refuse('the code before', client, 'POST', url, 422, 'code_wrong', '/code', **sign(code))
    server.sqlite('UPDATE one_time_code SET expires_at = expires_at - 300001')
    refuse('expired', client, 'POST', url, 422, 'code_expired', '/code', **sign(second))
    server.sqlite('UPDATE one_time_code SET expires_at = expires_at + 300001')
    client.new_address()
    other = open_signing(server, worker)  # the same link on a second phone
    client.post(url, {'code': second, 'drawing': drawing()}).need()
    server.settle()
    refuse('replayed from another phone', other, 'POST', url, 409, 'contract_state', **sign(second))
    client.refresh()
    refuse('a second signature of the same act', client, 'POST', url, 403, 'http_forbidden', **sign(second))
    check_eq(get_contract(hr, contract)['state'], 'worker_signed', 'state')
    check_eq([s['role'] for s in get_contract(hr, contract)['signatures']], ['platform', 'worker'], 'signatures')
    login = Client(server)
    login.post('/api/v1/worker/code', {'phone': worker['phone']}).need()
    used = latest_code(server, worker['phone'])
    login.post('/api/v1/worker/session', {'phone': worker['phone'], 'code': used}).need()
    refuse('a log-in code again', Client(server), 'POST', '/api/v1/worker/session', 422, 'code_used_up', '/code',
           **data({'phone': worker['phone'], 'code': used}))
    refuse('a signing code to log in', Client(server), 'POST', '/api/v1/worker/session', 422, 'code_used_up', '/code',
           **data({'phone': worker['phone'], 'code': second}))


@test('links: unknown, malformed, expired')
def _():
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker), days=1)
    token = latest_link(server, worker['phone']).rsplit('/', 1)[-1]
    client = open_signing(server, worker, 'identity')
    url = '/api/v1/signing/open'
    each([
        ('unknown', Client(server), 'POST', url, 404, 'link_unknown', None, data({'token': 'x' * 43})),
        ('one letter short', Client(server), 'POST', url, 404, 'link_unknown', None, data({'token': token[:-1]})),
        ('empty', Client(server), 'POST', url, 400, 'json_too_short', '/token', data({'token': ''})),
        ('its hash', Client(server), 'POST', url, 404, 'link_unknown', None,
         data({'token': hashlib.sha256(token.encode()).hexdigest()})),
        ('too long', Client(server), 'POST', url, 400, 'json_too_long', '/token', data({'token': 'x' * 101})),
    ])
    server.sqlite('UPDATE contract SET sign_by = sign_by - 86400001 WHERE id = ?', contract['id'])
    sign = {'code': latest_code(server, worker['phone']), 'drawing': drawing()}
    each([
        ('expired', Client(server), 'POST', url, 410, 'link_expired', None, data({'token': token})),
        ('signing after the deadline', client, 'POST', '/api/v1/signing/sign', 410, 'link_expired', None, data(sign)),
        ('declining after the deadline', client, 'POST', '/api/v1/signing/decline', 410, 'link_expired', None,
         data({'reason': '太晚'})),
    ])


@test('acts in a state that does not allow them: send twice, update after sending, seal before the worker, seal twice')
def _():
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    url = '/api/v1/contracts/' + contract['id']
    sealer = Client(server).login('seal1')
    server.settle()
    password = data({'password': DEMO_PASSWORD})
    each([
        ('send twice', hr, 'POST', url + '/send', 409, 'contract_state', None,
         data({'accept_warnings': True, 'sign_within_days': 5})),
        ('update after sending', hr, 'PUT', url, 409, 'contract_state', None, data(contract_input(worker))),
        ('discard after sending', hr, 'DELETE', url, 409, 'contract_state'),
        ('preview after sending', hr, 'GET', url + '/preview', 409, 'contract_state'),
        ('seal before the worker', sealer, 'POST', url + '/seal', 409, 'contract_state', None, password),
    ])
    worker_signs(server, worker)
    server.settle()
    each([
        ('resend after the worker signed', hr, 'POST', url + '/resend', 409, 'contract_state'),
        ('update after the worker signed', hr, 'PUT', url, 409, 'contract_state', None, data(contract_input(worker))),
    ])
    done = employer_seals(sealer, contract)
    server.settle()
    each([
        ('seal twice', sealer, 'POST', url + '/seal', 409, 'contract_state', None, password),
        ('withdraw what is in force', hr, 'POST', url + '/withdraw', 409, 'contract_state', None, data({'reason': '不'})),
    ])
    check_eq(len(get_contract(hr, contract)['signatures']), 3, 'signatures')
    check_eq(get_contract(hr, contract)['effective_at'], done['effective_at'], 'time of effect')


@test('a wrong password at the seal: refused, counted, locked; the lock ends')
def _():
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    worker_signs(server, worker)
    sealer = Client(server).login('owner1')
    url = '/api/v1/contracts/%s/seal' % contract['id']
    server.settle()
    refuse('wrong', sealer, 'POST', url, 401, 'login_failed', but=('member',), **data({'password': 'Wrong-2026'}))
    sealer.post(url, {'password': ''}).refused(400, 'json_too_short', '/password')
    for _ in range(3):
        sealer.new_address()
        sealer.post(url, {'password': 'Wrong-2026'}).refused(401, 'login_failed')
    refuse('right, after five wrong', sealer, 'POST', url, 429, 'login_locked', **data({'password': DEMO_PASSWORD}))
    refuse('log-in while locked', Client(server), 'POST', '/api/v1/session', 429, 'login_locked',
           **data({'user': 'owner1', 'password': DEMO_PASSWORD}))
    check_eq(get_contract(hr, contract)['state'], 'worker_signed', 'state')
    server.sqlite("UPDATE member SET locked_until = locked_until - 60001 WHERE user_name = 'owner1'")
    sealer.new_address()
    employer_seals(sealer, contract)
    server.settle()  # the archive timestamp
    check_eq(server.sqlite("SELECT failed FROM member WHERE user_name = 'owner1'"), [(0,)], 'count after a good one')


@test('sessions: unknown, stale, too old; tokens missing')
def _():
    client = Client(server).login('viewer1')
    contracts = '/api/v1/contracts'
    for column, back in (('seen_at', 30 * 60000 + 1), ('expires_at', 12 * 3600000 + 1)):
        client.login('viewer1')
        client.get(contracts).need()
        server.sqlite("UPDATE session SET %s = %s - ? WHERE role = 'viewer'" % (column, column), back)
        refuse('session with an old ' + column, client, 'GET', contracts, 401, 'http_login')
    for what, value in (('made up', 'x' * 43), ('very long', 'x' * 3000), ('not text', '\x80\xff'), ('empty', '')):
        client.cookies = {'qyq_session': value}
        refuse('a cookie that is ' + what, client, 'GET', contracts, 401, 'http_login')
    refuse('no token', hr, 'POST', '/api/v1/workers', 403, 'http_csrf', data=person(), csrf=False)
    refuse('wrong token', hr, 'POST', '/api/v1/workers', 403, 'http_csrf', data=person(), headers={'X-QYQ-CSRF': 'x' * 43})
    refuse('from another site', hr, 'POST', '/api/v1/workers', 403, 'http_csrf', data=person(),
           headers={'Origin': 'http://example.com'})


@test('verify: no PDF, empty, broken, too large')
def _():
    client = Client(server)
    pdf = lambda content: {'body': content, 'headers': {'Content-Type': 'application/pdf'}}
    url = '/api/v1/verify'
    each([
        ('20 MiB and one byte', client, 'POST', url, 413, 'http_too_large', None, pdf(b'%PDF-1.7\n' + b' ' * ((20 << 20) - 8))),
        ('another type', client, 'POST', url, 415, 'http_media_type', None, raw('{}')),
    ])
    unsigned = Client(server).login('hr1').get('/api/v1/contracts/%s/preview' % new_draft(hr, new_worker(hr))['id']).need().body
    before = server.state()
    rows = [('empty', b'', 'unreadable'), ('text', '劳动合同'.encode(), 'unreadable'), ('zeros', bytes(100000), 'unreadable'),
            ('only a head', b'%PDF-1.7\n%%EOF\n', 'unreadable'), ('half', unsigned[:len(unsigned) // 2], 'unreadable'),
            ('a PDF without signatures', unsigned, 'unsigned')]
    for what, content, verdict in rows:
        for lang in ('zh-CN', 'en'):
            client.new_address()
            got = client.request('POST', url + '?lang=' + lang, **pdf(content)).need(200).json
            check_eq((got['verdict'], got['known'], got['signatures']), (verdict, None, []), what)
            check(got['summary'] and is_chinese(got['summary']) == (lang != 'en'), '%s: summary %r' % (what, got['summary']))
            check(verdict == 'unsigned' or got['reasons'], what + ': no reasons')
    server.check_untouched(before, 'verify')


def spoken(text, timeout=10):
    """What the server answers to these bytes, until it closes or stays silent."""
    with socket.create_connection(('127.0.0.1', server.port), timeout) as s:
        s.sendall(text if isinstance(text, bytes) else text.encode('latin-1'))
        s.shutdown(socket.SHUT_WR)
        got = b''
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    return got
                got += more
        except OSError:
            return got


@test('requests that are no HTTP')
def _():
    get = 'GET /api/v1/contracts HTTP/1.1\r\n'
    post = 'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    rows = {
        'rubbish': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(range(200)),
        'only a line end': '\r\n\r\n\r\n',
        'no version': 'GET /\r\n\r\n',
        'no host': get + '\r\n',
        'two hosts': get + 'Host: a\r\nHost: b\r\n\r\n',
        'a host of rubbish': get + 'Host: a b<>\r\n\r\n',
        'no path': 'GET api HTTP/1.1\r\nHost: x\r\n\r\n',
        'a bad escape': 'GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n',
        'a fragment': 'GET /#x HTTP/1.1\r\nHost: x\r\n\r\n',
        'a very long path': 'GET /' + 'x' * 20000 + ' HTTP/1.1\r\nHost: x\r\n\r\n',
        'a very long header': get + 'Host: x\r\nX: ' + 'x' * 200000 + '\r\n\r\n',
        'very many headers': get + 'Host: x\r\n' + ''.join('X-%d: 1\r\n' % n for n in range(3000)) + '\r\n',
        'a zero byte in a header': get + 'Host: x\r\nX: a\0b\r\n\r\n',
        'a space in a header name': get + 'Host: x\r\nX y: 1\r\n\r\n',
        'two lengths': post + 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
        'a negative length': post + 'Content-Length: -1\r\n\r\n',
        'a length of letters': post + 'Content-Length: two\r\n\r\n{}',
        'a length beyond numbers': post + 'Content-Length: 99999999999999999999999\r\n\r\n{}',
        'length and chunks': post + 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'unknown coding': post + 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
        'a bad chunk': post + 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
        'a body that never comes': post + 'Content-Length: 100\r\n\r\n{',
        'an unknown method': 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n',
        'connect': 'CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n',
    }
    before = server.state()
    for what, text in rows.items():
        got = spoken(text)
        first = got.split(b'\r\n')[0]
        check(not got or re.match(rb'HTTP/1\.[01] (4\d\d|5\d\d) ', first), '%s: answered %r' % (what, got[:100]))
        # what the library refuses itself (no Host) has its head twice; the connection ends there in any case
        check(got.count(b'"request_id"') <= 1, '%s: two answers: %r' % (what, got))
        check(not got or b'onnection: close' in got, '%s: the connection goes on: %r' % (what, got))
    check(server.alive() and Client(server).get('/healthz').status == 200, 'the server is gone')
    server.check_untouched(before, 'rubbish')


@test('limits of rate: too many log-ins from one address wait, others do not')
def _():
    client = Client(server)
    answers = [client.post('/api/v1/session', {'user': 'nobody', 'password': 'x'}) for _ in range(25)]
    check_eq({a.status for a in answers[:20]}, {401}, 'the first twenty')
    answers[-1].refused(429, 'http_rate')
    check_words(answers[-1], 'zh')
    check(int(answers[-1].headers['Retry-After']) >= 1, 'no Retry-After')
    Client(server).post('/api/v1/session', {'user': 'nobody', 'password': 'x'}).refused(401, 'login_failed')


def at_once(acts):
    """Runs these at the same moment; answers their results."""
    found, gate = [None] * len(acts), threading.Barrier(len(acts))

    def go(i):
        gate.wait()
        found[i] = acts[i]()
    threads = [threading.Thread(target=go, args=(i,)) for i in range(len(acts))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return found


def only_one(what, replies, status=(200, 201)):
    good = [r for r in replies if r is not None and r.status in status]
    others = [r for r in replies if r not in good]
    check(len(good) == 1, '%s: %d went through: %r' % (what, len(good), [r and (r.status, r.body[:200]) for r in replies]))
    for r in others:
        check(r is not None and r.status in (401, 403, 409, 422), '%s: the other got %r' % (what, r and r.body[:200]))


def race(server):
    hr, sealers = Client(server).login('hr1'), [Client(server).login('seal1') for _ in range(3)]
    worker = new_worker(hr)
    draft = new_draft(hr, worker)
    url = '/api/v1/contracts/' + draft['id']
    order = {'accept_warnings': True, 'sign_within_days': 5}
    only_one('send', at_once([lambda: hr.post(url + '/send', order)] * 3))
    check_eq(len([m for m in messages(server, worker['phone']) if m['link']]), 1, 'links sent')
    open_signing(server, worker, 'identity')
    phones = [open_signing(server, worker) for _ in range(3)]
    sign = {'code': latest_code(server, worker['phone']), 'drawing': drawing()}
    only_one('sign', at_once([lambda p=p: p.post('/api/v1/signing/sign', sign) for p in phones]))
    wait_state(hr, draft, 'worker_signed')
    only_one('seal', at_once([lambda s=s: s.post(url + '/seal', {'password': DEMO_PASSWORD}) for s in sealers]))
    done = wait_state(hr, draft, 'effective')
    check_eq(len(done['signatures']), 3, 'signatures')
    check_eq([r['name'] for r in done['revisions']], ['sent', 'worker', 'final'], 'revisions')


@test('the same act three times at once is done once, on SQLite')
def _():
    race(server)


@test('the same act three times at once is done once, on PostgreSQL')
def _():
    with Server(db=Postgres.get().url()) as other:
        race(other)


main()
