-- Two suites side by side, and documents with long-term data.

-- An owner may have a key of each suite for the same purpose: in "dual" it signs with both.
DROP INDEX trust_key_owner_purpose;
CREATE UNIQUE INDEX trust_key_owner_purpose ON trust_key (owner, purpose, suite) WHERE state <> 'revoked';

-- The SM2 signature that goes before that of trust_use in the same act (suite dual). begun, used, signed as there; result_sha256 is of the
-- document with this signature, the only one over which the other may be made.
CREATE TABLE trust_use_twin (
    use_id        {text} NOT NULL PRIMARY KEY REFERENCES trust_use (id),
    key_id        {text} REFERENCES trust_key (id),
    field         {text} NOT NULL,
    state         {text} NOT NULL CHECK (state IN ('begun', 'used', 'signed')),
    digest        {bytes},
    result_sha256 {bytes},
    cert_sha256   {text},
    gen_time_at   {i64},
    state_at      {i64} NOT NULL
){strict};
CREATE INDEX trust_use_twin_key_id ON trust_use_twin (key_id);

-- The SM2 signature beside that of contract_signature (suite dual).
CREATE TABLE contract_signature_twin (
    contract_id {text} NOT NULL REFERENCES contract (id),
    role        {text} NOT NULL CHECK (role IN ('platform', 'worker', 'employer')),
    signed_at   {i64} NOT NULL,
    serial      {text} NOT NULL,
    cert_sha256 {text} NOT NULL,
    tsa         {text} NOT NULL,
    token       {bytes} NOT NULL,
    PRIMARY KEY (contract_id, role)
){strict};

-- The document with validation data and a document timestamp: seq 1 when the contract came into force, one more for each renewal. Each
-- begins with the bytes of the one before. stamped_at is the genTime; until_at the first end of a certificate on which the timestamp rests;
-- signature and imprint its algorithms ("ecdsa-sha256", "sha256").
CREATE TABLE contract_archive (
    contract_id {text} NOT NULL REFERENCES contract (id),
    seq         {i64} NOT NULL CHECK (seq >= 1),
    sha256      {text} NOT NULL,
    size        {i64} NOT NULL,
    pages       {i64} NOT NULL,
    stamped_at  {i64} NOT NULL,
    until_at    {i64} NOT NULL,
    signature   {text} NOT NULL,
    imprint     {text} NOT NULL,
    tsa         {text} NOT NULL,
    created_at  {i64} NOT NULL,
    PRIMARY KEY (contract_id, seq)
){strict};
CREATE INDEX contract_archive_sha256 ON contract_archive (sha256);
CREATE INDEX contract_archive_until ON contract_archive (until_at);

-- Contracts whose long-term data was refused: reported until it succeeds.
CREATE TABLE contract_archive_fault (
    contract_id {text} NOT NULL PRIMARY KEY REFERENCES contract (id),
    reason      {text} NOT NULL,
    detail      {text} NOT NULL,
    since_at    {i64} NOT NULL,
    last_at     {i64} NOT NULL
){strict};
