-- Keys that stay, certificates that were asked for, and uses of keys.

-- A key of the vault. sealed: PKCS#8 under AES-256-GCM with the KEK of that fingerprint, bound to this row's id. A pair (owner, purpose) has at
-- most one key that is not revoked.
CREATE TABLE trust_key (
    id            {text} NOT NULL PRIMARY KEY,
    owner         {text} NOT NULL,
    purpose       {text} NOT NULL,
    suite         {text} NOT NULL CHECK (suite IN ('intl', 'gm')),
    algorithm     {text} NOT NULL,
    state         {text} NOT NULL CHECK (state IN ('active', 'suspended', 'revoked')),
    kek           {text} NOT NULL,
    sealed        {bytes} NOT NULL,
    request_id    {text} NOT NULL,
    cert          {bytes} NOT NULL,
    chain         {text} NOT NULL,
    subject       {text} NOT NULL,
    serial        {text} NOT NULL,
    cert_sha256   {text} NOT NULL,
    not_before_at {i64} NOT NULL,
    not_after_at  {i64} NOT NULL,
    created_at    {i64} NOT NULL,
    state_at      {i64} NOT NULL
){strict};
CREATE UNIQUE INDEX trust_key_owner_purpose ON trust_key (owner, purpose) WHERE state <> 'revoked';

-- One use of a key for one document. begun: approved, no key touched; used: written just before the key signs, so that an approval serves
-- once; signed: token and document are complete; committed: the owner of the act took the result over; abandoned: given up.
CREATE TABLE trust_use (
    id              {text} NOT NULL PRIMARY KEY,
    act             {text} NOT NULL,
    key_id          {text} REFERENCES trust_key (id),
    state           {text} NOT NULL CHECK (state IN ('begun', 'used', 'signed', 'committed', 'abandoned')),
    approved_by     {text} NOT NULL,
    factor          {text} NOT NULL,
    approved_at     {i64} NOT NULL,
    document_sha256 {bytes} NOT NULL,
    field           {text} NOT NULL,
    detail          {text} NOT NULL,
    begun_at        {i64} NOT NULL,
    digest          {bytes},
    result_sha256   {bytes},
    cert_sha256     {text},
    gen_time_at     {i64},
    state_at        {i64} NOT NULL
){strict};
CREATE INDEX trust_use_act ON trust_use (act);
CREATE INDEX trust_use_key_id ON trust_use (key_id);
CREATE UNIQUE INDEX trust_use_act_committed ON trust_use (act) WHERE state = 'committed';

-- A certificate that was asked of the CA, written before it is asked, so that one whose answer was lost can be revoked by the name of
-- the request. revoking: never to be used, the CA is yet to be told. subject_of: 'use' (an act key, ref = trust_use.id) or 'key' (ref = trust_key.id, which exists once all went well).
CREATE TABLE trust_cert (
    request_id   {text} NOT NULL PRIMARY KEY,
    subject_of   {text} NOT NULL CHECK (subject_of IN ('use', 'key')),
    ref          {text} NOT NULL,
    purpose      {text} NOT NULL,
    state        {text} NOT NULL CHECK (state IN ('asked', 'issued', 'revoking', 'revoked')),
    serial       {text},
    cert         {bytes},
    asked_at     {i64} NOT NULL,
    issued_at    {i64},
    revoked_at   {i64}
){strict};
CREATE INDEX trust_cert_ref ON trust_cert (ref);
