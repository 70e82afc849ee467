-- +goose Up
-- modify "audits" table
ALTER TABLE "audits" ADD COLUMN "address_salt" character varying NOT NULL DEFAULT '', ADD COLUMN "address_digest" character varying NOT NULL DEFAULT '', ADD COLUMN "state_before" text NOT NULL DEFAULT '', ADD COLUMN "state_after" text NOT NULL DEFAULT '', ADD COLUMN "hash" character varying NOT NULL DEFAULT '';
-- create index "audit_at" to table: "audits"
CREATE INDEX "audit_at" ON "audits" ("at");
-- create index "audit_publisher_key_kind_key" to table: "audits"
CREATE INDEX "audit_publisher_key_kind_key" ON "audits" ("publisher_key", "kind", "key");

-- the chain goes on behind the rows that are there
INSERT INTO counters (id, n) SELECT 'audit', coalesce(max(id), 0) FROM audits;
