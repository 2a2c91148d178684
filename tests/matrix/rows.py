"""The rows of the acceptance matrix (pdf-signatures, rows 1-9): how each file is made."""
import os
import subprocess

import bases
import pixels
from pki import FAMILIES
from tools import run

EXHAUSTIVE = bool(os.environ.get('QYQ_TEST_EXHAUSTIVE'))
RESERVE_DIGITS = 2 * 16384
JAVA_NAMES = {'rsa': 'SHA%swithRSA', 'pss': 'SHA%swithRSAandMGF1', 'ec': 'SHA%swithECDSA'}
KEY_DIGESTS = {'p256': '256', 'p384': '384', 'p521': '512'}


class Signing:
    """One run of qyq: by whom ('' when the options say it) and how; knows what Bouncy Castle will call the algorithms of what it adds."""

    def __init__(self, signer, *options, digest=None, pss=False, gm=False, algorithms=None, command='sign'):
        self.signer, self.digest, self.command = signer, digest, command
        self.options = [*options, *(['--digest', 'sha' + digest] if digest else []), *(['--pss'] if pss else []), *(['--oids', 'gm'] if gm else [])]
        family = 'pss' if pss else 'ec' if signer[:1] == 'p' else signer[:3]
        self.algorithms = algorithms or ['SM3WITHSM2' if family == 'sm2' else JAVA_NAMES[family] % (digest or KEY_DIGESTS.get(signer.split('-')[0], '256'))]

    def with_(self, *options, more=()):
        return Signing(self.signer, *self.options, *options, algorithms=[*self.algorithms, *more])


class World:
    """The folder of a run, its keys and its timestamp authorities (an address)."""

    def __init__(self, stage, tsa):
        self.folder, self.path, self.qyq, self.pki, self.tsa = stage.folder, stage.path, stage.qyq, stage.pki, tsa

    def base(self, name):
        return bases.make(self.folder, name)

    def key_options(self, signer):
        return self.pki.signer(signer).options()

    def sign(self, before, after, signing):
        """One signature by the program under test. The input stays in front, byte for byte, and little is added."""
        key = self.key_options(signing.signer) if signing.signer else []
        got = run(self.qyq, signing.command, before, after, *key, *signing.options)
        if got.returncode:
            raise RuntimeError('qyq %s %s: %d %s' % (signing.command, ' '.join(signing.options), got.returncode, got.stderr.decode().strip()))
        with open(before, 'rb') as f, open(after, 'rb') as g:
            old, new = f.read(), g.read()
        if new[:len(old)] != old:
            raise RuntimeError('the input is not a prefix of the output')
        beside = len(new) - len(old) - len(signing.algorithms) * RESERVE_DIGITS
        if not {'--rect', '--level', '--crl'}.intersection(signing.options) and beside > len(signing.algorithms) * 4096:
            raise RuntimeError('%d bytes were added beside the reserve' % beside)
        return after


class Row:
    """name; signings over a base; check(world, path) looks at more than the tools do; password: of an encrypted base."""

    def __init__(self, name, base, *signings, check=None, password=None):
        self.name, self.base, self.signings, self.check, self.password = name, base, signings, check, password
        self.algorithms = [algorithm for s in signings for algorithm in s.algorithms]

    def make(self, world):
        path = world.base(self.base)
        for i, signing in enumerate(self.signings):
            after = world.path('%s.%s' % (self.name, 'pdf' if i + 1 == len(self.signings) else i))
            world.sign(path, after, signing)
            if i:
                os.unlink(path)
            path = after
        return path


def row1():
    for bits in (2048, 3072, 4096):
        for digest in ('256', '384', '512'):
            for pss in (False, True):
                name = 'rsa%d-sha%s-%s' % (bits, digest, 'pss' if pss else 'pkcs1')
                yield Row(name, 'table', Signing('rsa%d' % bits, digest=digest, pss=pss))


def row2():
    for key, own in KEY_DIGESTS.items():
        yield Row(key, 'table', Signing(key))
        for digest in ('256', '384', '512') if EXHAUSTIVE else ():
            yield Row('%s-sha%s' % (key, digest), 'table', Signing(key, digest=digest))


def row3():
    yield Row('sm2-cms', 'table', Signing('sm2'))
    yield Row('sm2-gm', 'table', Signing('sm2', gm=True))


def row4(world):
    kinds = {'rsa2048': Signing('rsa2048'), 'pss': Signing('rsa2048', pss=True), 'p256': Signing('p256'), 'sm2-cms': Signing('sm2'), 'sm2-gm': Signing('sm2', gm=True)}
    if EXHAUSTIVE:
        kinds.update({s: Signing(s) for s in ('rsa3072', 'rsa4096', 'p384', 'p521')})
    for name, signing in kinds.items():
        for tsa in ('rsa', 'ec', 'sm2'):
            yield Row('%s-stamp-%s' % (name, tsa), 'table', signing.with_('--tsa', '%s/%s' % (world.tsa, tsa)))


def row5(world):
    """Long-term levels: revocation lists of openssl, or OCSP responses of it for the signer."""
    lists = [word for family in FAMILIES for by in ('root-', 'issuing-') for word in ('--crl', world.pki.revocation_list(by + family))]
    kinds = {'rsa2048': Signing('rsa2048'), 'p256': Signing('p256'), 'sm2-cms': Signing('sm2'), 'sm2-gm': Signing('sm2', gm=True)}
    if EXHAUSTIVE:
        kinds.update({s: Signing(s) for s in ('rsa3072', 'rsa4096', 'p384', 'p521')}, pss=Signing('rsa2048', pss=True))
    few = {'rsa2048': ['sm2'], 'p256': ['rsa'], 'sm2-cms': ['ec'], 'sm2-gm': ['sm2']}
    stamps = {'rsa': 'SHA256withRSA', 'ec': 'SHA256withECDSA', 'sm2': 'SM3WITHSM2'}
    for name, signing in kinds.items():
        for tsa in stamps if EXHAUSTIVE else few[name]:
            at = ['--tsa', '%s/%s' % (world.tsa, tsa), *lists]
            long_term = signing.with_('--level', 'lta', *at, more=[stamps[tsa]])
            other = 'ec' if tsa == 'rsa' else 'rsa'
            yield Row('lt-%s-stamp-%s' % (name, tsa), 'table', signing.with_('--level', 'lt', *at))
            yield Row('lta-%s-stamp-%s' % (name, tsa), 'stream', long_term)
            renewal = Signing('', '--tsa', '%s/%s' % (world.tsa, other), *lists, command='renew', algorithms=[stamps[other]])
            yield Row('renewed-%s-stamp-%s' % (name, tsa), 'table', long_term, renewal)
    for name, family in (('rsa2048', 'rsa'), ('p256', 'ec'), ('sm2', 'sm2')):
        told = ['--ocsp', world.pki.ocsp_response(name), '--ocsp', world.pki.ocsp_response('tsa-' + family)]
        roots = ['--crl', world.pki.revocation_list('root-' + family)]
        yield Row('ocsp-' + name, 'table', Signing(name, '--level', 'lt', '--tsa', '%s/%s' % (world.tsa, family), *told, *roots))
    at = ['--tsa', world.tsa + '/ec', *lists]
    yield Row('long-term-two', 'contract', Signing('p256', '--field', 'Worker', '--level', 'lta', *at).with_(more=[stamps['ec']]),
              Signing('sm2', '--field', 'Employer', '--level', 'lta', *at).with_(more=[stamps['ec']]))
    dual = Signing('p256', '--field', 'Worker', '--also-key', world.pki.signers['sm2'].key, '--also-cert', world.pki.signers['sm2'].cert, '--also-chain',
                   world.pki.signers['sm2'].chain, algorithms=['SM3WITHSM2', 'SHA256withECDSA'])
    yield Row('dual', 'contract', dual)
    yield Row('dual-lta', 'contract', dual.with_('--level', 'lta', *at, more=[stamps['ec']]))


def row6(world):
    mixed = [Signing('rsa2048'), Signing('p256'), Signing('sm2')]
    fields = ['--field', 'A'], ['--field', 'B']
    yield Row('signers-2', 'table', Signing('rsa2048'), Signing('p256'))
    yield Row('signers-4-mixed', 'table', *mixed, Signing('rsa3072', pss=True))
    yield Row('signers-51-mixed', 'table', *[Signing('%s-%d' % (mixed[i % 3].signer, i)) for i in range(51)])
    yield Row('signers-3-stamped', 'stream', *[m.with_('--tsa', world.tsa + '/ec') for m in mixed])
    yield Row('certified-1', 'table', Signing('p256', '--certify', '1'))
    for level in ('2', '3'):
        yield Row('certified-' + level, 'contract', Signing('p256', '--certify', level, '--field', 'Lock'), Signing('rsa2048', '--field', 'Worker'),
                  Signing('p384', '--field', 'Employer'))
    for name, lock in (('all', 'all'), ('include', 'include:Worker,WorkerSM2'), ('exclude', 'exclude:Employer')):
        yield Row('lock-' + name, 'contract', Signing('rsa2048', '--field', 'Worker', '--lock', lock),
                  *([] if name == 'all' else [Signing('p256', '--field', 'Employer')]))
    # each by a certificate of its own: pdfsig cannot judge one that comes again later in the file
    yield Row('contract-dual', 'contract', *[Signing(signer, '--field', field) for signer, field in (
        ('p256-lock', 'Lock'), ('sm2-worker', 'WorkerSM2'), ('p256-worker', 'Worker'), ('sm2-employer', 'EmployerSM2'), ('p256-employer', 'Employer'))])


def row7():
    kinds = ['crlf', 'cr', 'stream', 'object-streams', 'hybrid', 'linearised', 'linearised-object-streams', 'revisions-100', 'revisions-100-stream']
    for kind in kinds + (['pages-20000'] if EXHAUSTIVE else []):
        yield Row('file-' + kind, kind, Signing('rsa2048'), Signing('p256'))


def row8(world):
    secret = world.path('password')
    for kind, password in bases.PASSWORDS.items():
        with open('%s-%s' % (secret, kind), 'w') as f:
            f.write(password + '\n')
        given = ['--password-file', '%s-%s' % (secret, kind)] if password else []
        yield Row('encrypted-' + kind, 'encrypted-' + kind, Signing('rsa2048', *given), Signing('p256', *given), Signing('sm2', *given), password=password)


def row9(world):
    yield Row('chinese', 'chinese', Signing('rsa2048', '--field', '甲方（盖章）', '--reason', '同意本合同全部条款', '--location', '北京市海淀区'),
              Signing('p256', '--field', '乙方签名', '--page', '1', '--rect', '50,80,120,60', '--image', world.path('mark.png')))
    for turn in (0, 90, 180, 270):
        for image in ('png', 'jpg'):
            place = ['--page', '1', '--rect', '60,90,160,120', '--image', world.path('mark.' + image)]
            yield Row('rotated-%d-%s' % (turn, image), 'rotated-%d' % turn, Signing('p256', '--certify', '2', *place), Signing('rsa2048'),
                      check=lambda w, path, turn=turn: pixels.check_upright(path, bases.PAGE_W, bases.PAGE_H, turn, (60, 90, 160, 120)))


def keys(world):
    """The same key in each of its wrappings."""
    signer = world.pki.signers['rsa2048']
    sm2 = world.pki.signers['sm2']
    secret = world.path('secret')
    with open(secret, 'w') as f:
        f.write('TEST secret\n')
    pass_ = ['-passout', 'file:' + secret]
    export = lambda s, name, *more: subprocess.run(['openssl', 'pkcs12', '-export', '-inkey', s.key, '-in', s.cert, '-certfile', s.chain, '-out',
                                                    world.path(name), *pass_, *more], check=True, capture_output=True)
    export(signer, 'modern.p12')
    export(signer, 'legacy.p12', '-legacy')
    export(sm2, 'sm2.p12')
    subprocess.run(['openssl', 'pkcs8', '-topk8', '-in', signer.key, '-out', world.path('pkcs8.key'), *pass_], check=True, capture_output=True)
    subprocess.run(['openssl', 'rsa', '-aes256', '-traditional', '-in', signer.key, '-out', world.path('traditional.key'), *pass_], check=True, capture_output=True)
    subprocess.run(['openssl', 'pkey', '-in', signer.key, '-outform', 'DER', '-out', world.path('key.der')], check=True, capture_output=True)
    for name, algorithm in (('modern', 'SHA256withRSA'), ('legacy', 'SHA256withRSA'), ('sm2', 'SM3WITHSM2')):
        bundle = Signing('', '--p12', world.path(name + '.p12'), '--pass-file', secret, algorithms=[algorithm])
        yield Row('key-p12-' + name, 'table', bundle)
    for name in ('pkcs8.key', 'traditional.key', 'key.der'):
        pair = Signing('', '--key', world.path(name), '--cert', signer.cert, '--chain', signer.chain, '--pass-file', secret, algorithms=['SHA256withRSA'])
        yield Row('key-' + name.replace('.', '-'), 'table', pair)


def all_rows(world):
    return [*row1(), *row2(), *row3(), *row4(world), *row5(world), *row6(world), *row7(), *row8(world), *row9(world), *keys(world)]
