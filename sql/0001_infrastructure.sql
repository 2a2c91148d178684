-- Hash-chained events (room record).
CREATE TABLE record_event (
    chain        {text} NOT NULL,
    seq          {i64} NOT NULL CHECK (seq > 0),
    suite        {text} NOT NULL CHECK (suite IN ('sha256')),
    at           {i64} NOT NULL,
    kind         {text} NOT NULL,
    payload      {bytes},                -- NULL: disposed of, the hash stays
    payload_hash {bytes} NOT NULL,
    prev         {bytes} NOT NULL,
    hash         {bytes} NOT NULL,
    PRIMARY KEY (chain, seq)
) {strict};

-- Audit log: rows come unchained, one sequencer numbers and chains them.
CREATE TABLE audit (
    id     {text} NOT NULL PRIMARY KEY,
    at     {i64} NOT NULL,
    actor  {text} NOT NULL,
    role   {text} NOT NULL,
    org    {text} NOT NULL,
    action {text} NOT NULL,
    object {text} NOT NULL,
    source {text} NOT NULL,
    basis  {text} NOT NULL,
    detail {text} NOT NULL
) {strict};
CREATE INDEX audit_org ON audit (org, id);
CREATE INDEX audit_object ON audit (object, id);
CREATE INDEX audit_actor ON audit (actor, id);

CREATE TABLE audit_chain (
    seq   {i64} NOT NULL PRIMARY KEY CHECK (seq > 0),
    audit {text} NOT NULL UNIQUE REFERENCES audit (id),
    suite {text} NOT NULL CHECK (suite IN ('sha256')),
    hash  {bytes} NOT NULL
) {strict};
-- What waits for the sequencer.
CREATE TABLE audit_pending (
    audit {text} NOT NULL PRIMARY KEY REFERENCES audit (id)
) {strict};
-- The sequencer's lock and its memory of the head: one row.
CREATE TABLE audit_head (
    one  {i64} NOT NULL PRIMARY KEY CHECK (one = 1),
    seq  {i64} NOT NULL,
    hash {bytes} NOT NULL
) {strict};

-- Durable jobs (room job).
CREATE TABLE job (
    id             {text} NOT NULL PRIMARY KEY,
    kind           {text} NOT NULL,
    key            {text} NOT NULL,
    payload        {text} NOT NULL,
    state          {text} NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
    run_at         {i64} NOT NULL,
    attempts       {i64} NOT NULL,
    lease_until    {i64} NOT NULL,
    lease_token    {i64} NOT NULL,
    progress_done  {i64} NOT NULL,
    progress_total {i64} NOT NULL,
    waiting        {text} NOT NULL,
    last_error     {text} NOT NULL,
    created_at     {i64} NOT NULL,
    finished_at    {i64} NOT NULL
) {strict};
CREATE INDEX job_due ON job (run_at, id) WHERE state = 'queued';
CREATE INDEX job_leases ON job (lease_until) WHERE state = 'running';
CREATE UNIQUE INDEX job_live_key ON job (key) WHERE key <> '' AND state IN ('queued', 'running');
CREATE INDEX job_key ON job (key, id);
CREATE INDEX job_state ON job (state, id);

-- Messages to people (outbox of room job).
CREATE TABLE outbox (
    id           {text} NOT NULL PRIMARY KEY,
    channel      {text} NOT NULL CHECK (channel IN ('sms', 'email', 'inbox')),
    recipient    {text} NOT NULL,
    person       {text} NOT NULL,
    topic        {text} NOT NULL,
    template     {text} NOT NULL,
    params       {text} NOT NULL,
    key          {text} NOT NULL,
    state        {text} NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts     {i64} NOT NULL,
    last_error   {text} NOT NULL,
    created_at   {i64} NOT NULL,
    delivered_at {i64} NOT NULL
) {strict};
CREATE UNIQUE INDEX outbox_key ON outbox (key) WHERE key <> '';
CREATE INDEX outbox_person ON outbox (person, id);
CREATE INDEX outbox_topic ON outbox (topic, id);
