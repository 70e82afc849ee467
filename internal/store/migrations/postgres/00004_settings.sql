-- +goose Up
-- modify "changes" table
ALTER TABLE "changes" ALTER COLUMN "kind" SET DEFAULT '', ALTER COLUMN "publisher_key" SET DEFAULT '', ALTER COLUMN "key" SET DEFAULT '', ALTER COLUMN "slug" SET DEFAULT '', ALTER COLUMN "entry_id" DROP NOT NULL, ADD COLUMN "subject" character varying NOT NULL DEFAULT 'entry';
-- create "settings" table
CREATE TABLE "settings" ("id" character varying NOT NULL, "document" text NOT NULL, "version" bigint NOT NULL DEFAULT 1, "updated_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
