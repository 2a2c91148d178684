-- A worker's session reaches what was agreed with those employers that know the worker by the phone that was proven.
ALTER TABLE session ADD COLUMN phone_hash {text} NOT NULL DEFAULT '';
