-- Written for this project: the forms of a SQL definition that the other fixtures lack.

-- The people.
CREATE TABLE IF NOT EXISTS app.users (
  id INTEGER PRIMARY KEY,
  `name` VARCHAR(20) NOT NULL,
  "Quoted" text REFERENCES other(id),
  CONSTRAINT pk PRIMARY KEY (id),
  FOREIGN KEY (name) REFERENCES app.other(id)
);

create view active_users as
  select * from app.users u join sessions s on u.id = s.user_id;

CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM app.users;

CREATE OR REPLACE FUNCTION app.next_id(a int) RETURNS int AS $$
BEGIN
  RETURN a + increment(1);
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER users_changed AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION notify_users();
CREATE INDEX users_name ON users (name);
CREATE UNIQUE INDEX IF NOT EXISTS users_id ON users (id);
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE SCHEMA app;
CREATE SEQUENCE counter;

ALTER TABLE users ADD COLUMN age int;
INSERT INTO users (id) VALUES (1);
WITH x AS (SELECT 1) SELECT count(*) FROM x;
