"""What the tables of cases share: signers, signed files to start from, and the shape of a case."""
import collections

import pki as P
from pdf import build, contract, mdp

# row: of the attack table, or the rule; want: codes for the file, the first is the best one; signatures: {field: code} where it matters
Case = collections.namedtuple('Case', 'row name want data exit signatures')

GOOD = ('INTACT',)
EXT = ('INTACT_EXTENDED',)
CHANGED = ('CHANGED',)
BROKEN = ('BROKEN',)
TAMPERED = ('TAMPERED',)
TST_BAD = ('TST_BAD',)
UNSUPPORTED = ('UNSUPPORTED',)
UNSIGNED = ('UNSIGNED',)
ATTACK = ('CHANGED', 'BROKEN')  # the specification leaves open which
REFUSED = ('UNREADABLE', 'BROKEN', 'UNSIGNED')
NEVER = ('CHANGED', 'BROKEN', 'TAMPERED', 'TST_BAD', 'UNSUPPORTED', 'UNREADABLE', 'UNSIGNED')  # anything but intact

EXITS = {'INTACT': 0, 'INTACT_EXTENDED': 0, 'UNSUPPORTED': 2, 'UNSIGNED': 3, 'UNREADABLE': 3}


def exit_of(code):
    return EXITS.get(code, 1)


def case(row, name, want, data, exit=None, signatures=None):
    data = data if isinstance(data, (bytes, bytearray)) else data.data
    return Case(row, name, want if isinstance(want, tuple) else (want,), bytes(data), exit, signatures or {})


class Kit:
    def __init__(self, folder):
        self.pki = P.Pki(folder)
        self.signer = self.pki.get('signer')
        self.second = self.pki.get('second')
        self.tsa = self.pki.get('tsa', profile='tsa')
        self.base = build(contract())
        self.stream_base = build(contract(), kind='stream', packed=[1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 20])
        self.signed = self.base.sign(self.cms())
        self.stamped = self.base.sign(self.cms(unsigned=P.stamped(self.tsa)))
        self._certified = {}

    def get(self, *args, **o):
        return self.pki.get(*args, **o)

    def cms(self, signer=None, **o):
        return lambda covered: P.signed_data(signer or self.signer, covered, **o)

    def stamp(self, tsa=None, **o):
        """Contents of a document timestamp."""
        return lambda covered: P.token(tsa or self.tsa, covered, **o)

    def certified(self, level, base=None, **o):
        """Certified in field Worker."""
        if base is None and not o and level in self._certified:
            return self._certified[level]
        out = (base or self.base).sign(self.cms(), reference=mdp(level) + o.pop('locks', b''), perms=True, **o)
        if base is None and not o:
            self._certified[level] = out
        return out

    def stamped_file(self, pdf, **o):
        """A document timestamp in the prepared field Archive1."""
        return pdf.sign(self.stamp(), field=14, sub=b'ETSI.RFC3161', type=b'/Type/DocTimeStamp', m=None, **o)

    def two(self):
        return self.signed.sign(self.cms(self.second), field=11)
