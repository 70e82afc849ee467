-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_keys" table
CREATE TABLE `new_keys` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `prefix` text NOT NULL, `hash` text NOT NULL, `name` text NOT NULL, `scopes` text NOT NULL, `created_at` datetime NOT NULL, `expires_at` datetime NULL, `last_used_at` datetime NULL, `revoked_at` datetime NULL, `replaces` text NOT NULL DEFAULT (''), `replaced_by` text NOT NULL DEFAULT (''), `publisher_id` integer NULL, CONSTRAINT `keys_publishers_publisher` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE RESTRICT);
-- copy rows from old table "keys" to new temporary table "new_keys"
INSERT INTO `new_keys` (`id`, `prefix`, `hash`, `name`, `scopes`, `created_at`, `expires_at`, `last_used_at`, `revoked_at`, `publisher_id`) SELECT `id`, `prefix`, `hash`, `name`, `scopes`, `created_at`, `expires_at`, `last_used_at`, `revoked_at`, `publisher_id` FROM `keys`;
-- drop "keys" table after copying rows
DROP TABLE `keys`;
-- rename temporary table "new_keys" to "keys"
ALTER TABLE `new_keys` RENAME TO `keys`;
-- create index "keys_prefix_key" to table: "keys"
CREATE UNIQUE INDEX `keys_prefix_key` ON `keys` (`prefix`);
-- create index "key_publisher_id" to table: "keys"
CREATE INDEX `key_publisher_id` ON `keys` (`publisher_id`);
-- create "new_publishers" table
CREATE TABLE `new_publishers` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `key` text NOT NULL, `name` text NOT NULL, `policy` text NOT NULL DEFAULT ('self'), `require_if_match` bool NOT NULL DEFAULT (false), `allowed_origins` text NOT NULL DEFAULT (''), `contact` text NOT NULL DEFAULT (''), `public_body` bool NOT NULL DEFAULT (false), `public_share` text NOT NULL DEFAULT (''), `public_share_as_of` text NOT NULL DEFAULT (''), `version` integer NOT NULL DEFAULT (1), `created_at` datetime NOT NULL);
-- copy rows from old table "publishers" to new temporary table "new_publishers"
INSERT INTO `new_publishers` (`id`, `key`, `name`, `policy`, `require_if_match`, `created_at`) SELECT `id`, `key`, `name`, `policy`, `require_if_match`, `created_at` FROM `publishers`;
-- drop "publishers" table after copying rows
DROP TABLE `publishers`;
-- rename temporary table "new_publishers" to "publishers"
ALTER TABLE `new_publishers` RENAME TO `publishers`;
-- create index "publishers_key_key" to table: "publishers"
CREATE UNIQUE INDEX `publishers_key_key` ON `publishers` (`key`);
-- create "requests" table
CREATE TABLE `requests` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `key_prefix` text NOT NULL, `idempotency_key` text NOT NULL, `run` text NOT NULL, `begun_at` datetime NOT NULL, `effective` bool NOT NULL DEFAULT (false), `fingerprint` text NOT NULL DEFAULT (''), `answer` blob NULL);
-- create index "request_key_prefix_idempotency_key" to table: "requests"
CREATE UNIQUE INDEX `request_key_prefix_idempotency_key` ON `requests` (`key_prefix`, `idempotency_key`);
-- create index "request_begun_at" to table: "requests"
CREATE INDEX `request_begun_at` ON `requests` (`begun_at`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
