-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_changes" table
CREATE TABLE `new_changes` (`id` integer NOT NULL, `at` datetime NOT NULL, `subject` text NOT NULL DEFAULT ('entry'), `kind` text NOT NULL DEFAULT (''), `publisher_key` text NOT NULL DEFAULT (''), `key` text NOT NULL DEFAULT (''), `change` text NOT NULL, `revision` integer NOT NULL, `slug` text NOT NULL DEFAULT (''), `reason` text NOT NULL DEFAULT (''), `replaced_by` text NOT NULL DEFAULT (''), `entry_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `changes_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE RESTRICT);
-- copy rows from old table "changes" to new temporary table "new_changes"
INSERT INTO `new_changes` (`id`, `at`, `kind`, `publisher_key`, `key`, `change`, `revision`, `slug`, `reason`, `replaced_by`, `entry_id`) SELECT `id`, `at`, IFNULL(`kind`, ('')) AS `kind`, IFNULL(`publisher_key`, ('')) AS `publisher_key`, IFNULL(`key`, ('')) AS `key`, `change`, `revision`, IFNULL(`slug`, ('')) AS `slug`, `reason`, `replaced_by`, `entry_id` FROM `changes`;
-- drop "changes" table after copying rows
DROP TABLE `changes`;
-- rename temporary table "new_changes" to "changes"
ALTER TABLE `new_changes` RENAME TO `changes`;
-- create index "change_entry_id" to table: "changes"
CREATE INDEX `change_entry_id` ON `changes` (`entry_id`);
-- create "settings" table
CREATE TABLE `settings` (`id` text NOT NULL, `document` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `updated_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
