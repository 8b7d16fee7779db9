CREATE TABLE sailing (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    port_from   TEXT NOT NULL,
    port_to     TEXT NOT NULL,
    departs_at  TIMESTAMPTZ NOT NULL,
    vessel      TEXT NOT NULL,
    CHECK (port_from <> port_to)
);

CREATE TABLE booking (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sailing_id  BIGINT NOT NULL REFERENCES sailing (id),
    code        CHAR(6) NOT NULL UNIQUE,
    status      TEXT NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'paid', 'cancelled')),
    held_until  TIMESTAMPTZ
);

CREATE INDEX booking_to_release ON booking (held_until) WHERE status = 'held';
