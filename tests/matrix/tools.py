"""What each program says about a signed file, brought to short words: one a signature, in the order of signing."""
import json
import os
import re
import subprocess
import threading

JARS = ['pdfbox2', 'fontbox2', 'commons-logging', 'bcprov', 'bcpkix', 'bcutil', 'itext5', 'itext']
CLASSPATH = ':'.join('/usr/share/java/%s.jar' % j for j in JARS)
JAVA = ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Djava.awt.headless=true']


def run(*command, stdin=None, timeout=120):
    return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout)


def compile_java(classes):
    """The compiler is in the runtime's image; no package of tools is needed for it."""
    here = os.path.dirname(os.path.abspath(__file__))
    sources = sorted(os.path.join(at, f) for at in (here, os.path.join(here, 'foreign')) for f in os.listdir(at) if f.endswith('.java'))
    got = run('java', '-m', 'jdk.compiler/com.sun.tools.javac.Main', '-Xlint:all,-path,-deprecation,-try', '-Werror', '-cp', CLASSPATH, '-d', classes, *sources)
    if got.returncode:
        raise RuntimeError('javac: ' + got.stderr.decode())


class Java:
    """A program that answers a line with a line and ends with its standard input."""

    def __init__(self, classes, *arguments):
        self.lock = threading.Lock()
        self.log = open(os.path.join(classes, arguments[0] + '.log'), 'wb')
        self.process = subprocess.Popen([*JAVA, '-Dpdfbox.fontcache=' + classes, '-cp', classes + ':' + CLASSPATH, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, encoding='utf-8')

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError('java ended: see ' + self.log.name)
        return line.rstrip('\n')

    def ask(self, question):
        with self.lock:
            self.process.stdin.write(question + '\n')
            self.process.stdin.flush()
            return self.line()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.log.close()


def folded(words):
    """['a', 'a', 'b'] -> 'a*2, b'; what repeats as a whole: '(a*2, b)*17'"""
    for period in range(2, min(len(words) // 2, 8) + 1):
        part = words[:period]
        if len(words) % period == 0 and words == part * (len(words) // period) and len(set(part)) > 1:
            return '(%s)*%d' % (folded(part), len(words) // period)
    groups = []
    for word in words:
        if groups and groups[-1][0] == word:
            groups[-1][1] += 1
        else:
            groups.append([word, 1])
    return ', '.join(word if n == 1 else '%s*%d' % (word, n) for word, n in groups)


def covers(totals, extended):
    """The last signature covers the whole file and no other does; none does when validation data follows."""
    return totals == [False] * (len(totals) - 1) + [not extended]


class Tools:
    """Each method answers (words, [does this signature cover the whole file? for each]); the second is empty when it does not tell."""

    def __init__(self, qyq, pki, driver, nss):
        self.qyq_path, self.pki, self.driver, self.nss = qyq, pki, driver, nss
        commands = [['-N', '--empty-password']]
        for family in ('rsa', 'ec'):  # NSS has no SM2
            commands.append(['-A', '-n', family, '-t', 'CT,C,C', '-i', pki.path('root-%s.pem' % family)])
        os.mkdir(nss)
        for command in commands:
            subprocess.run(['certutil', '-d', nss, *command], check=True, capture_output=True)

    def report(self, path, *options):
        """The parsed report of qyq verify."""
        got = run(self.qyq_path, 'verify', '--json', '--trust', self.pki.trust, *options, path)
        if not got.stdout:
            raise RuntimeError('qyq verify: %d %s' % (got.returncode, got.stderr.decode()))
        report = json.loads(got.stdout)
        report['exit'] = got.returncode
        return report

    def qyq(self, path, password=None):
        secret = path + '.password'
        if password:
            with open(secret, 'w') as f:
                f.write(password + '\n')
        r = self.report(path, *(['--password-file', secret] if password else []))
        told = ['%s %s: ' % (r['integrity'], r['verdict']) + folded([s['level'] or s['integrity'] for s in r['signatures']])]
        return told[0], [s['coverage'] == 'whole' for s in r['signatures']]

    def bouncycastle(self, path, password=None):
        r = json.loads(self.driver.ask(path + ('\t' + password if password else '')))
        if 'error' in r:
            return r['error'], []
        words = []
        for s in r['signatures']:
            words.append(s['cms'] + {'': '', 'valid': '+stamp'}.get(s['timestamp'], ' stamp ' + s['timestamp']) +
                         ('+revocation' if s['revocation'] == 'complete' else '') + ('' if s['trusted'] else ' untrusted'))
        return folded(words), [s['whole'] for s in r['signatures']]

    def algorithms(self, path, password=None):
        r = json.loads(self.driver.ask(path + ('\t' + password if password else '')))
        return [s['algorithm'] for s in r.get('signatures', [])]

    SIGNATURE = {'Signature is Valid.': 'valid', 'Unknown Validation Failure.': 'unknown', 'Signature is Invalid.': 'invalid',
                 'Digest Mismatch.': 'digest', 'Signature has not yet been verified.': 'not asked'}
    CERTIFICATE = {'Certificate is Trusted.': '', "Certificate issuer isn't Trusted.": ' untrusted', 'Certificate issuer is unknown.': ' untrusted'}

    def pdfsig(self, path, password=None):
        got = run('pdfsig', '-nssdir', self.nss, path)  # it takes no password
        signed = []
        for part in re.split(r'^Signature #\d+:$', got.stdout.decode(errors='replace'), flags=re.M)[1:]:
            if 'is not signed' in part:
                continue
            value = lambda name: (re.search(r'- %s: *(.*)' % name, part) or [None, ''])[1].strip()
            ends = re.findall(r'\[\d+ - (\d+)\]', value('Signed Ranges'))
            word = self.SIGNATURE.get(value('Signature Validation'), value('Signature Validation') or 'nothing')
            certificate = value('Certificate Validation')
            signed.append((int(ends[-1]) if ends else 0, word + (self.CERTIFICATE.get(certificate, ' ' + certificate) if certificate else ''),
                           '- Total document signed' in part))
        signed.sort()
        if not signed:
            return 'none' if got.returncode in (0, 2) else 'error', []
        return folded([word for _, word, _ in signed]), [total for _, _, total in signed]

    MUTOOL = [('The document is unchanged since signing', 'valid'), ('The signature is valid but there have been edits', 'valid'),
              ('Signature information missing', 'nothing'), ('Digest error: Unknown error', 'unknown'), ('Digest error', 'digest')]

    def mutool(self, path, password=None):
        """Told in the order of the fields' object numbers, which need not be that of signing."""
        got = run('mutool', 'sign', '-v', *(['-p', password] if password else []), path)
        words = []
        for part in re.split(r'^Verifying signature \d+:$', got.stdout.decode(errors='replace'), flags=re.M)[1:]:
            if 'Signature is not signed' in part:
                continue
            words.append(next((word for text, word in self.MUTOOL if text in part), 'silent'))
        if not words:
            return 'error' if got.returncode else 'none', []
        return folded(words), []

    def qpdf(self, path, password=None):
        got = run('qpdf', '--check', *(['--password=' + password] if password else []), path)
        return {0: 'clean', 3: 'warnings'}.get(got.returncode, 'errors'), []

    NAMES = ['qyq', 'bouncycastle', 'pdfsig', 'mutool', 'qpdf']

    def all(self, path, password=None):
        """{tool: words}, [complaints about coverage]"""
        said, complaints = {}, []
        for name in self.NAMES:
            said[name], totals = getattr(self, name)(path, password)
            if totals and not covers(totals, said['qyq'].startswith('INTACT_EXTENDED')):
                complaints.append('%s: which signatures cover the whole file: %s' % (name, totals))
        return said, complaints
