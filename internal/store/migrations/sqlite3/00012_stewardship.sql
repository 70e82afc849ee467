-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- add column "reviewed_at" to table: "changes"
ALTER TABLE `changes` ADD COLUMN `reviewed_at` datetime NULL;
-- create "new_publishers" table
CREATE TABLE `new_publishers` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `key` text NOT NULL, `name` text NOT NULL, `policy` text NOT NULL DEFAULT ('self'), `require_if_match` bool NOT NULL DEFAULT (false), `stewardship` text NOT NULL DEFAULT (''), `allowed_origins` text NOT NULL DEFAULT (''), `contact` text NOT NULL DEFAULT (''), `public_body` bool NOT NULL DEFAULT (false), `public_share` text NOT NULL DEFAULT (''), `public_share_as_of` text NOT NULL DEFAULT (''), `version` integer NOT NULL DEFAULT (1), `created_at` datetime NOT NULL);
-- copy rows from old table "publishers" to new temporary table "new_publishers"
INSERT INTO `new_publishers` (`id`, `key`, `name`, `policy`, `require_if_match`, `allowed_origins`, `contact`, `public_body`, `public_share`, `public_share_as_of`, `version`, `created_at`) SELECT `id`, `key`, `name`, `policy`, `require_if_match`, `allowed_origins`, `contact`, `public_body`, `public_share`, `public_share_as_of`, `version`, `created_at` FROM `publishers`;
-- drop "publishers" table after copying rows
DROP TABLE `publishers`;
-- rename temporary table "new_publishers" to "publishers"
ALTER TABLE `new_publishers` RENAME TO `publishers`;
-- create index "publishers_key_key" to table: "publishers"
CREATE UNIQUE INDEX `publishers_key_key` ON `publishers` (`key`);
-- create "new_entries" table
CREATE TABLE `new_entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `key` text NOT NULL, `slug` text NOT NULL, `publication` text NOT NULL DEFAULT ('never'), `draft` text NOT NULL DEFAULT ('editing'), `document` text NOT NULL, `outdated` text NOT NULL DEFAULT (''), `draft_version` integer NOT NULL DEFAULT (1), `published_revision` integer NOT NULL DEFAULT (0), `published_at` datetime NULL, `changed_at` datetime NULL, `review_by` date NULL, `withdraw_reason` text NOT NULL DEFAULT (''), `author` text NOT NULL DEFAULT (''), `submitted_at` datetime NULL, `reviewer` text NOT NULL DEFAULT (''), `returned` text NOT NULL DEFAULT (''), `publish_at` datetime NULL, `publish_note` text NOT NULL DEFAULT (''), `withdraw_at` datetime NULL, `withdraw_later_reason` text NOT NULL DEFAULT (''), `withdraw_later_for` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `likeness` text NOT NULL DEFAULT (''), `responsible_office_id` uuid NULL, `owner` text NOT NULL DEFAULT (''), `reviewed_at` datetime NULL, `locks` text NOT NULL DEFAULT (''), `publisher_id` integer NOT NULL, `replaced_by` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `entries_publishers_publisher` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE RESTRICT, CONSTRAINT `entries_entries_replaces` FOREIGN KEY (`replaced_by`) REFERENCES `entries` (`id`) ON DELETE SET NULL);
-- copy rows from old table "entries" to new temporary table "new_entries"
INSERT INTO `new_entries` (`id`, `kind`, `key`, `slug`, `publication`, `draft`, `document`, `outdated`, `draft_version`, `published_revision`, `published_at`, `changed_at`, `review_by`, `withdraw_reason`, `author`, `submitted_at`, `reviewer`, `returned`, `publish_at`, `publish_note`, `withdraw_at`, `withdraw_later_reason`, `withdraw_later_for`, `created_at`, `updated_at`, `publisher_id`, `replaced_by`) SELECT `id`, `kind`, `key`, `slug`, `publication`, `draft`, `document`, `outdated`, `draft_version`, `published_revision`, `published_at`, `changed_at`, `review_by`, `withdraw_reason`, `author`, `submitted_at`, `reviewer`, `returned`, `publish_at`, `publish_note`, `withdraw_at`, `withdraw_later_reason`, `withdraw_later_for`, `created_at`, `updated_at`, `publisher_id`, `replaced_by` FROM `entries`;
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
-- create index "entry_draft_updated_at" to table: "entries"
CREATE INDEX `entry_draft_updated_at` ON `entries` (`draft`, `updated_at`);
-- create index "entry_review_by" to table: "entries"
CREATE INDEX `entry_review_by` ON `entries` (`review_by`);
-- create index "entry_likeness_publication" to table: "entries"
CREATE INDEX `entry_likeness_publication` ON `entries` (`likeness`, `publication`);
-- create "concerns" table
CREATE TABLE `concerns` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `queue` text NOT NULL, `since` datetime NOT NULL, `details` text NOT NULL DEFAULT (''), `publisher_id` integer NOT NULL, `responsible_office_id` uuid NULL, `kind` text NOT NULL, `entry_id` uuid NOT NULL, CONSTRAINT `concerns_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE);
-- create index "concern_entry_id_queue" to table: "concerns"
CREATE UNIQUE INDEX `concern_entry_id_queue` ON `concerns` (`entry_id`, `queue`);
-- create index "concern_queue_since_publisher_id_responsible_office_id_kind" to table: "concerns"
CREATE INDEX `concern_queue_since_publisher_id_responsible_office_id_kind` ON `concerns` (`queue`, `since`, `publisher_id`, `responsible_office_id`, `kind`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- what is public was looked at when it became so
UPDATE entries SET reviewed_at = changed_at WHERE published_revision > 0;
UPDATE changes SET reviewed_at = at WHERE entry_id IS NOT NULL;
-- the offices that entries name already
UPDATE entries SET responsible_office_id = (SELECT responsible_office_id FROM services WHERE services.id = entries.id) WHERE kind = 'service';
UPDATE entries SET responsible_office_id = (SELECT responsible_office_id FROM procedures WHERE procedures.id = entries.id) WHERE kind = 'procedure';
UPDATE entries SET responsible_office_id = id WHERE kind = 'office';
