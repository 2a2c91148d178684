"""The suites gm and dual from the form to the finished document, and what others say of its signatures. How the suite
intl looks stands in test_flow.py."""
import pdf_outside as outside
from harness import *

SM2_SM3, ECDSA_SHA256 = ('sm2-sm3', 'sm3'), ('ecdsa-sha256', 'sha256')


def finished(server):
    """A contract in force; answers it and its PDF as both parties signed it."""
    hr = Client(server).login('hr1')
    worker = new_worker(hr)
    contract = send(hr, new_draft(hr, worker))
    worker_signs(server, worker)
    done = employer_seals(Client(server).login('seal1'), contract)
    check_eq([s['role'] for s in done['signatures']], ['platform', 'worker', 'employer'], 'signatures')
    latest = max(s['at'] for s in done['signatures'] if s['role'] != 'platform')
    check_eq(done['effective_at'], latest, 'in force at the later of both stamps')
    return done, download(hr, contract, 'final')


def check_report(server, pdf, wanted):
    """wanted: [(field, (algorithm, digest))] in the order of signing."""
    code, told = outside.qyq_verify(pdf, server.roots_pem)
    check_eq((code, told['integrity'], told['trust'], told['strength'], told['verdict']),
             (0, 'INTACT', 'PASSED', 'ok', 'valid'), 'qyq verify --trust')
    check_eq([(s['field'], (s['algorithm'], s['digest'])) for s in told['signatures']], wanted, 'its signatures')
    for s in told['signatures']:
        check_eq((s['integrity'], s['trust'], s['timestamp']['valid']), ('INTACT', 'PASSED', True), s['field'])
        check_eq(s['timestamp']['imprint_alg'], s['digest'], 'imprint of the timestamp of ' + s['field'])
    web = Client(server).verify(pdf)
    check_eq((web['integrity'], web['trust']), ('INTACT', 'PASSED'), 'verifyPdf')


def check_archived(server, done, wanted, algorithm):
    """The same with long-term data: every signature at B-LTA, and a document timestamp by that algorithm."""
    hr = Client(server).login('hr1')
    wait_archived(hr, done)
    pdf = download(hr, done)
    code, told = outside.qyq_verify(pdf, server.roots_pem)
    check_eq((code, told['integrity'], told['trust'], told['verdict']), (0, 'INTACT', 'PASSED', 'valid'), 'archived')
    check_eq([(s['field'], s['level']) for s in told['signatures'][:-1]], [(f, 'B-LTA') for f in wanted], 'levels')
    last = told['signatures'][-1]
    check_eq((last['field'], last['kind'], last['algorithm']), ('Archive1', 'doctimestamp', algorithm), 'archive timestamp')


@test('suite gm: every signature is SM2 with SM3, as openssl counts it too')
def _():
    with Server(config={'trust.suite': 'gm'}) as server:
        done, pdf = finished(server)
        check_report(server, pdf, [(f, SM2_SM3) for f in ('Lock', 'Worker', 'Employer')])
        check_eq(outside.openssl_sm2(pdf), 3, 'signatures that openssl verified')
        check_eq([s['sm2_certificate_serial'] for s in done['signatures']], [''] * 3, 'twins')
        check_archived(server, done, ('Lock', 'Worker', 'Employer'), 'sm2-sm3')


@test('suite dual: each party signs with SM2, then with ECDSA, in one act; pdfsig and openssl find both good')
def _():
    with Server(config={'trust.suite': 'dual'}) as server:
        done, pdf = finished(server)
        check_report(server, pdf, [('Lock', ECDSA_SHA256), ('WorkerSM2', SM2_SM3), ('Worker', ECDSA_SHA256),
                                   ('EmployerSM2', SM2_SM3), ('Employer', ECDSA_SHA256)])
        check_eq([bool(s['sm2_certificate_serial']) for s in done['signatures']], [False, True, True], 'twins')
        told = outside.pdfsig(pdf, server.root_pem)
        good = [s for s in told if s['signature'] == 'Signature is Valid.']
        check_eq([s['field'] for s in good], ['Lock', 'Worker', 'Employer'], 'fields that pdfsig finds valid')
        check_eq([s['certificate'] for s in good], ['Certificate is Trusted.'] * 3, 'their certificates')
        check(good[-1]['total'], 'the last one does not cover the whole file')
        check_eq(outside.openssl_sm2(pdf), 2, 'SM2 signatures that openssl verified')
        check_eq(outside.openssl_cms(pdf, server.root_pem, sm2=False), 3, 'ECDSA signatures that openssl verified')
        uses = server.sqlite("SELECT u.act FROM trust_use u JOIN trust_use_twin w ON w.use_id = u.id WHERE u.state = "
                             "'committed' AND w.state = 'signed' AND u.act IN (SELECT id FROM contract_intent WHERE "
                             "contract_id = ?)", done['id'])
        check_eq(len(uses), 2, 'acts with two signatures under one approval')
        for at in (outside.signatures(pdf)[1][0][1] // 2, outside.signatures(pdf)[3][0][2] + 100):
            code, told = outside.qyq_verify(outside.flipped(pdf, at), server.roots_pem)
            check(code in (1, 3) and not told['integrity'].startswith('INTACT'), 'byte %d flipped: %r' % (at, told))
        check_archived(server, done, ('Lock', 'WorkerSM2', 'Worker', 'EmployerSM2', 'Employer'), 'ecdsa-sha256')


@test('a park that changes its suite signs the next contract with the other keys')
def _():
    with Server() as server:
        finished(server)
        server.stop()
        server.config['trust.suite'] = 'gm'
        server.start()
        _, pdf = finished(server)
        check_report(server, pdf, [(f, SM2_SM3) for f in ('Lock', 'Worker', 'Employer')])


main()
