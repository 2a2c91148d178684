-- Enterprises, their members, persons, sessions and one-time codes.

CREATE TABLE enterprise (
    id                   {text} NOT NULL PRIMARY KEY,
    name                 {text} NOT NULL,
    uscc                 {text} NOT NULL UNIQUE,
    legal_representative {text} NOT NULL,
    domicile             {text} NOT NULL,
    area_code            {text} NOT NULL,
    contact_name         {text} NOT NULL,
    contact_phone        {text} NOT NULL,
    state                {text} NOT NULL CHECK (state IN ('certified', 'suspended')),
    key_id               {text} NOT NULL,
    seal_id              {text} NOT NULL,
    seal_name            {text} NOT NULL,
    seal_code            {text} NOT NULL,
    seal_state           {text} NOT NULL CHECK (seal_state IN ('active', 'suspended', 'revoked')),
    created_at           {i64} NOT NULL
){strict};

CREATE TABLE member (
    id            {text} NOT NULL PRIMARY KEY,
    enterprise_id {text} NOT NULL REFERENCES enterprise (id),
    user_name     {text} NOT NULL UNIQUE,
    name          {text} NOT NULL,
    role          {text} NOT NULL CHECK (role IN ('viewer', 'hr', 'seal', 'owner')),
    password      {text} NOT NULL,
    failed        {i64} NOT NULL,
    locked_until  {i64} NOT NULL,
    created_at    {i64} NOT NULL
){strict};
CREATE INDEX member_enterprise ON member (enterprise_id);

-- A human being, known to the park. The ID number is sealed; its keyed hash finds the row.
CREATE TABLE person (
    id             {text} NOT NULL PRIMARY KEY,
    name           {text} NOT NULL,
    id_type        {text} NOT NULL,
    id_number      {bytes} NOT NULL,
    id_number_hash {text} NOT NULL UNIQUE,
    sex            {text} NOT NULL,
    birth_date     {text} NOT NULL,
    created_at     {i64} NOT NULL
){strict};

-- A person as one enterprise knows it: how to reach them, where they live.
CREATE TABLE enterprise_person (
    enterprise_id {text} NOT NULL REFERENCES enterprise (id),
    person_id     {text} NOT NULL REFERENCES person (id),
    phone         {bytes} NOT NULL,
    phone_hash    {text} NOT NULL,
    address       {bytes} NOT NULL,
    created_at    {i64} NOT NULL,
    PRIMARY KEY (enterprise_id, person_id)
){strict};
CREATE INDEX enterprise_person_person ON enterprise_person (person_id);
CREATE INDEX enterprise_person_phone ON enterprise_person (phone_hash);

-- The token itself is in the browser's cookie only; here is its hash.
CREATE TABLE session (
    id            {text} NOT NULL PRIMARY KEY,
    token_hash    {text} NOT NULL UNIQUE,
    csrf          {text} NOT NULL,
    role          {text} NOT NULL,
    actor_id      {text} NOT NULL,
    name          {text} NOT NULL,
    enterprise_id {text} NOT NULL,
    person_id     {text} NOT NULL,
    contract_id   {text} NOT NULL,
    created_at    {i64} NOT NULL,
    seen_at       {i64} NOT NULL,
    expires_at    {i64} NOT NULL
){strict};
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE one_time_code (
    id         {text} NOT NULL PRIMARY KEY,
    subject    {text} NOT NULL,
    code_hash  {text} NOT NULL,
    attempts   {i64} NOT NULL,
    used_at    {i64} NOT NULL,
    created_at {i64} NOT NULL,
    expires_at {i64} NOT NULL
){strict};
CREATE INDEX one_time_code_subject ON one_time_code (subject, created_at);
