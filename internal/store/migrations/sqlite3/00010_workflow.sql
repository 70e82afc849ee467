-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_entries" table
CREATE TABLE `new_entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `key` text NOT NULL, `slug` text NOT NULL, `publication` text NOT NULL DEFAULT ('never'), `draft` text NOT NULL DEFAULT ('editing'), `document` text NOT NULL, `outdated` text NOT NULL DEFAULT (''), `draft_version` integer NOT NULL DEFAULT (1), `published_revision` integer NOT NULL DEFAULT (0), `published_at` datetime NULL, `changed_at` datetime NULL, `review_by` date NULL, `withdraw_reason` text NOT NULL DEFAULT (''), `author` text NOT NULL DEFAULT (''), `submitted_at` datetime NULL, `reviewer` text NOT NULL DEFAULT (''), `returned` text NOT NULL DEFAULT (''), `publish_at` datetime NULL, `publish_note` text NOT NULL DEFAULT (''), `withdraw_at` datetime NULL, `withdraw_later_reason` text NOT NULL DEFAULT (''), `withdraw_later_for` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `publisher_id` integer NOT NULL, `replaced_by` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `entries_publishers_publisher` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE RESTRICT, CONSTRAINT `entries_entries_replaces` FOREIGN KEY (`replaced_by`) REFERENCES `entries` (`id`) ON DELETE SET NULL);
-- copy rows from old table "entries" to new temporary table "new_entries"
INSERT INTO `new_entries` (`id`, `kind`, `key`, `slug`, `publication`, `draft`, `document`, `outdated`, `draft_version`, `published_revision`, `published_at`, `changed_at`, `review_by`, `withdraw_reason`, `created_at`, `updated_at`, `publisher_id`, `replaced_by`) SELECT `id`, `kind`, `key`, `slug`, `publication`, `draft`, `document`, `outdated`, `draft_version`, `published_revision`, `published_at`, `changed_at`, `review_by`, `withdraw_reason`, `created_at`, `updated_at`, `publisher_id`, `replaced_by` FROM `entries`;
-- drop "entries" table after copying rows
DROP TABLE `entries`;
-- rename temporary table "new_entries" to "entries"
ALTER TABLE `new_entries` RENAME TO `entries`;
-- create index "entry_publisher_id_kind_key" to table: "entries"
CREATE UNIQUE INDEX `entry_publisher_id_kind_key` ON `entries` (`publisher_id`, `kind`, `key`);
-- create index "entry_kind_slug" to table: "entries"
CREATE UNIQUE INDEX `entry_kind_slug` ON `entries` (`kind`, `slug`);
-- create index "entry_publication" to table: "entries"
CREATE INDEX `entry_publication` ON `entries` (`publication`);
-- create index "entry_draft_submitted_at" to table: "entries"
CREATE INDEX `entry_draft_submitted_at` ON `entries` (`draft`, `submitted_at`);
-- create index "entry_publish_at" to table: "entries"
CREATE INDEX `entry_publish_at` ON `entries` (`publish_at`);
-- create index "entry_withdraw_at" to table: "entries"
CREATE INDEX `entry_withdraw_at` ON `entries` (`withdraw_at`);
-- create index "entry_replaced_by" to table: "entries"
CREATE INDEX `entry_replaced_by` ON `entries` (`replaced_by`);
-- create "comments" table
CREATE TABLE `comments` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `number` integer NOT NULL, `draft_version` integer NOT NULL, `revision` integer NOT NULL, `pointer` text NOT NULL DEFAULT (''), `text` text NOT NULL, `author` text NOT NULL, `created_at` datetime NOT NULL, `resolved_at` datetime NULL, `resolved_by` text NOT NULL DEFAULT (''), `entry_id` uuid NOT NULL, CONSTRAINT `comments_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE);
-- create index "comment_entry_id_number" to table: "comments"
CREATE UNIQUE INDEX `comment_entry_id_number` ON `comments` (`entry_id`, `number`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
