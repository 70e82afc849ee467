-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_audits" table
CREATE TABLE `new_audits` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `at` datetime NOT NULL, `actor` text NOT NULL, `key_prefix` text NOT NULL DEFAULT (''), `publisher_key` text NOT NULL DEFAULT (''), `action` text NOT NULL, `entry` uuid NULL, `kind` text NOT NULL DEFAULT (''), `key` text NOT NULL DEFAULT (''), `request_id` text NOT NULL DEFAULT (''), `address` text NOT NULL DEFAULT (''), `address_salt` text NOT NULL DEFAULT (''), `address_digest` text NOT NULL DEFAULT (''), `detail` text NOT NULL DEFAULT (''), `state_before` text NOT NULL DEFAULT (''), `state_after` text NOT NULL DEFAULT (''), `hash` text NOT NULL DEFAULT (''));
-- copy rows from old table "audits" to new temporary table "new_audits"
INSERT INTO `new_audits` (`id`, `at`, `actor`, `key_prefix`, `publisher_key`, `action`, `entry`, `kind`, `key`, `request_id`, `address`, `detail`) SELECT `id`, `at`, `actor`, `key_prefix`, `publisher_key`, `action`, `entry`, `kind`, `key`, `request_id`, `address`, `detail` FROM `audits`;
-- drop "audits" table after copying rows
DROP TABLE `audits`;
-- rename temporary table "new_audits" to "audits"
ALTER TABLE `new_audits` RENAME TO `audits`;
-- create index "audit_entry" to table: "audits"
CREATE INDEX `audit_entry` ON `audits` (`entry`);
-- create index "audit_at" to table: "audits"
CREATE INDEX `audit_at` ON `audits` (`at`);
-- create index "audit_publisher_key_kind_key" to table: "audits"
CREATE INDEX `audit_publisher_key_kind_key` ON `audits` (`publisher_key`, `kind`, `key`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- the chain goes on behind the rows that are there
INSERT INTO counters (id, n) SELECT 'audit', coalesce(max(id), 0) FROM audits;
