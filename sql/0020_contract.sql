-- Contracts, their ceremonies, intents, revisions and signatures.

CREATE TABLE contract (
    id              {text} NOT NULL PRIMARY KEY,
    enterprise_id   {text} NOT NULL REFERENCES enterprise (id),
    person_id       {text} NOT NULL REFERENCES person (id),
    number          {text} NOT NULL UNIQUE,
    template        {text} NOT NULL,
    state           {text} NOT NULL CHECK (state IN ('draft', 'sent', 'worker_stamping', 'worker_signed', 'employer_signed',
                        'employer_stamping', 'effective', 'suspended', 'changed', 'renewed', 'terminated', 'expired', 'void',
                        'archived', 'declined', 'withdrawn', 'lapsed')),
    data            {text} NOT NULL,
    worker_name     {text} NOT NULL,
    employer_name   {text} NOT NULL,
    post            {text} NOT NULL,
    term_start      {text} NOT NULL,
    term_end        {text} NOT NULL,
    sign_by         {i64} NOT NULL,
    link_hash       {text} UNIQUE,
    sent_at         {i64} NOT NULL,
    effective_at    {i64} NOT NULL,
    created_by      {text} NOT NULL,
    created_at      {i64} NOT NULL,
    updated_at      {i64} NOT NULL
){strict};
CREATE INDEX contract_enterprise ON contract (enterprise_id, state, updated_at);
CREATE INDEX contract_person ON contract (person_id, updated_at);
CREATE INDEX contract_sign_by ON contract (state, sign_by);

-- What the worker did on the way to signing, in this order. Times are 0 until the step was taken.
CREATE TABLE contract_ceremony (
    contract_id       {text} NOT NULL PRIMARY KEY REFERENCES contract (id),
    opened_at         {i64} NOT NULL,
    consent_at        {i64} NOT NULL,
    notice_sha256     {text} NOT NULL,
    read_at           {i64} NOT NULL,
    identity_at       {i64} NOT NULL,
    identity_ref      {text} NOT NULL,
    identity_failures {i64} NOT NULL,
    subject_salt      {bytes} NOT NULL
){strict};

-- A party's act, durable before anything is signed: who, which revision, with what factor, which drawing.
CREATE TABLE contract_intent (
    id              {text} NOT NULL PRIMARY KEY,
    contract_id     {text} NOT NULL REFERENCES contract (id),
    party           {text} NOT NULL CHECK (party IN ('worker', 'employer')),
    state           {text} NOT NULL CHECK (state IN ('open', 'done', 'given_up')),
    document_sha256 {text} NOT NULL,
    approved_by     {text} NOT NULL,
    factor          {text} NOT NULL,
    approved_at     {i64} NOT NULL,
    drawing         {text} NOT NULL,
    address         {text} NOT NULL
){strict};
CREATE UNIQUE INDEX contract_intent_live ON contract_intent (contract_id, party) WHERE state <> 'given_up';

-- The bytes lie in the blob store under their SHA-256; each revision begins with the one before it.
CREATE TABLE contract_revision (
    contract_id {text} NOT NULL REFERENCES contract (id),
    name        {text} NOT NULL CHECK (name IN ('sent', 'worker', 'final')),
    sha256      {text} NOT NULL,
    size        {i64} NOT NULL,
    pages       {i64} NOT NULL,
    created_at  {i64} NOT NULL,
    PRIMARY KEY (contract_id, name)
){strict};
CREATE INDEX contract_revision_sha256 ON contract_revision (sha256);

CREATE TABLE contract_signature (
    contract_id {text} NOT NULL REFERENCES contract (id),
    role        {text} NOT NULL CHECK (role IN ('platform', 'worker', 'employer')),
    name        {text} NOT NULL,
    signed_at   {i64} NOT NULL,
    serial      {text} NOT NULL,
    cert_sha256 {text} NOT NULL,
    use_id      {text} NOT NULL,
    tsa         {text} NOT NULL,
    token       {bytes} NOT NULL,
    PRIMARY KEY (contract_id, role)
){strict};
