-- +goose Up
-- create "audits" table
CREATE TABLE `audits` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `at` datetime NOT NULL, `actor` text NOT NULL, `key_prefix` text NOT NULL DEFAULT (''), `publisher_key` text NOT NULL DEFAULT (''), `action` text NOT NULL, `entry` uuid NULL, `kind` text NOT NULL DEFAULT (''), `key` text NOT NULL DEFAULT (''), `request_id` text NOT NULL DEFAULT (''), `address` text NOT NULL DEFAULT (''), `detail` text NOT NULL DEFAULT (''));
-- create index "audit_entry" to table: "audits"
CREATE INDEX `audit_entry` ON `audits` (`entry`);
-- create "changes" table
CREATE TABLE `changes` (`id` integer NOT NULL, `at` datetime NOT NULL, `kind` text NOT NULL, `publisher_key` text NOT NULL, `key` text NOT NULL, `change` text NOT NULL, `revision` integer NOT NULL, `slug` text NOT NULL, `reason` text NOT NULL DEFAULT (''), `replaced_by` text NOT NULL DEFAULT (''), `entry_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `changes_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE RESTRICT);
-- create index "change_entry_id" to table: "changes"
CREATE INDEX `change_entry_id` ON `changes` (`entry_id`);
-- create "counters" table
CREATE TABLE `counters` (`id` text NOT NULL, `n` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
-- create "entries" table
CREATE TABLE `entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `key` text NOT NULL, `slug` text NOT NULL, `publication` text NOT NULL DEFAULT ('never'), `draft` text NOT NULL DEFAULT ('editing'), `document` text NOT NULL, `draft_version` integer NOT NULL DEFAULT (1), `published_revision` integer NOT NULL DEFAULT (0), `published_at` datetime NULL, `changed_at` datetime NULL, `review_by` date NULL, `withdraw_reason` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `publisher_id` integer NOT NULL, `replaced_by` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `entries_publishers_publisher` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE RESTRICT, CONSTRAINT `entries_entries_replaces` FOREIGN KEY (`replaced_by`) REFERENCES `entries` (`id`) ON DELETE SET NULL);
-- create index "entry_publisher_id_kind_key" to table: "entries"
CREATE UNIQUE INDEX `entry_publisher_id_kind_key` ON `entries` (`publisher_id`, `kind`, `key`);
-- create index "entry_kind_slug" to table: "entries"
CREATE UNIQUE INDEX `entry_kind_slug` ON `entries` (`kind`, `slug`);
-- create index "entry_publication" to table: "entries"
CREATE INDEX `entry_publication` ON `entries` (`publication`);
-- create index "entry_replaced_by" to table: "entries"
CREATE INDEX `entry_replaced_by` ON `entries` (`replaced_by`);
-- create "keys" table
CREATE TABLE `keys` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `prefix` text NOT NULL, `hash` text NOT NULL, `name` text NOT NULL, `scopes` text NOT NULL, `created_at` datetime NOT NULL, `expires_at` datetime NULL, `last_used_at` datetime NULL, `revoked_at` datetime NULL, `publisher_id` integer NULL, CONSTRAINT `keys_publishers_publisher` FOREIGN KEY (`publisher_id`) REFERENCES `publishers` (`id`) ON DELETE RESTRICT);
-- create index "keys_prefix_key" to table: "keys"
CREATE UNIQUE INDEX `keys_prefix_key` ON `keys` (`prefix`);
-- create index "key_publisher_id" to table: "keys"
CREATE INDEX `key_publisher_id` ON `keys` (`publisher_id`);
-- create "offices" table
CREATE TABLE `offices` (`id` uuid NOT NULL, `office_type` text NOT NULL DEFAULT (''), `entry_id` uuid NOT NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `offices_entries_office` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `offices_offices_children` FOREIGN KEY (`parent_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `office_id_is_entry_id` CHECK (id = entry_id));
-- create index "offices_entry_id_key" to table: "offices"
CREATE UNIQUE INDEX `offices_entry_id_key` ON `offices` (`entry_id`);
-- create index "office_parent_id" to table: "offices"
CREATE INDEX `office_parent_id` ON `offices` (`parent_id`);
-- create "places" table
CREATE TABLE `places` (`id` uuid NOT NULL, `city` text NOT NULL DEFAULT (''), `district` text NOT NULL DEFAULT (''), `lat` real NULL, `lon` real NULL, `entry_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `places_entries_place` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `place_id_is_entry_id` CHECK (id = entry_id));
-- create index "places_entry_id_key" to table: "places"
CREATE UNIQUE INDEX `places_entry_id_key` ON `places` (`entry_id`);
-- create "profiles" table
CREATE TABLE `profiles` (`id` uuid NOT NULL, `organisation_type` text NOT NULL DEFAULT (''), `ipa_code` text NOT NULL DEFAULT (''), `tax_code` text NOT NULL DEFAULT (''), `entry_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `profiles_entries_profile` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `profile_id_is_entry_id` CHECK (id = entry_id));
-- create index "profiles_entry_id_key" to table: "profiles"
CREATE UNIQUE INDEX `profiles_entry_id_key` ON `profiles` (`entry_id`);
-- create "publishers" table
CREATE TABLE `publishers` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `key` text NOT NULL, `name` text NOT NULL, `policy` text NOT NULL DEFAULT ('self'), `require_if_match` bool NOT NULL DEFAULT (false), `created_at` datetime NOT NULL);
-- create index "publishers_key_key" to table: "publishers"
CREATE UNIQUE INDEX `publishers_key_key` ON `publishers` (`key`);
-- create "redirects" table
CREATE TABLE `redirects` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `kind` text NOT NULL, `slug` text NOT NULL, `created_at` datetime NOT NULL, `entry_id` uuid NOT NULL, CONSTRAINT `redirects_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE);
-- create index "redirect_kind_slug" to table: "redirects"
CREATE UNIQUE INDEX `redirect_kind_slug` ON `redirects` (`kind`, `slug`);
-- create index "redirect_entry_id" to table: "redirects"
CREATE INDEX `redirect_entry_id` ON `redirects` (`entry_id`);
-- create "entry_references" table
CREATE TABLE `entry_references` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `side` text NOT NULL, `pointer` text NOT NULL, `from_id` uuid NOT NULL, `to_id` uuid NOT NULL, CONSTRAINT `entry_references_entries_from` FOREIGN KEY (`from_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `entry_references_entries_to` FOREIGN KEY (`to_id`) REFERENCES `entries` (`id`) ON DELETE RESTRICT);
-- create index "reference_from_id_side_pointer" to table: "entry_references"
CREATE UNIQUE INDEX `reference_from_id_side_pointer` ON `entry_references` (`from_id`, `side`, `pointer`);
-- create index "reference_to_id_side" to table: "entry_references"
CREATE INDEX `reference_to_id_side` ON `entry_references` (`to_id`, `side`);
-- create "revisions" table
CREATE TABLE `revisions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `number` integer NOT NULL, `document` text NOT NULL, `slug` text NOT NULL, `hash` text NOT NULL, `note` text NOT NULL DEFAULT (''), `author` text NOT NULL, `published_at` datetime NOT NULL, `entry_id` uuid NOT NULL, CONSTRAINT `revisions_entries_entry` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE);
-- create index "revision_entry_id_number" to table: "revisions"
CREATE UNIQUE INDEX `revision_entry_id_number` ON `revisions` (`entry_id`, `number`);
-- create "services" table
CREATE TABLE `services` (`id` uuid NOT NULL, `status` text NOT NULL DEFAULT (''), `online` bool NOT NULL DEFAULT (false), `entry_id` uuid NOT NULL, `responsible_office_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `services_entries_service` FOREIGN KEY (`entry_id`) REFERENCES `entries` (`id`) ON DELETE CASCADE, CONSTRAINT `services_offices_responsible_office` FOREIGN KEY (`responsible_office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `service_id_is_entry_id` CHECK (id = entry_id));
-- create index "services_entry_id_key" to table: "services"
CREATE UNIQUE INDEX `services_entry_id_key` ON `services` (`entry_id`);
-- create index "service_responsible_office_id" to table: "services"
CREATE INDEX `service_responsible_office_id` ON `services` (`responsible_office_id`);
-- create "office_places" table
CREATE TABLE `office_places` (`office_id` uuid NOT NULL, `place_id` uuid NOT NULL, PRIMARY KEY (`office_id`, `place_id`), CONSTRAINT `office_places_office_id` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE CASCADE, CONSTRAINT `office_places_place_id` FOREIGN KEY (`place_id`) REFERENCES `places` (`id`) ON DELETE CASCADE);
-- create "service_offices" table
CREATE TABLE `service_offices` (`service_id` uuid NOT NULL, `office_id` uuid NOT NULL, PRIMARY KEY (`service_id`, `office_id`), CONSTRAINT `service_offices_service_id` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE CASCADE, CONSTRAINT `service_offices_office_id` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE CASCADE);
-- the feed counts from 1
INSERT INTO counters (id, n) VALUES ('feed', 0);
