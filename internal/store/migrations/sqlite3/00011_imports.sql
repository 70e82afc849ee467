-- +goose Up
-- create "import_chunks" table
CREATE TABLE `import_chunks` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `number` integer NOT NULL, `data` blob NOT NULL, `job_id` uuid NOT NULL, CONSTRAINT `import_chunks_import_jobs_job` FOREIGN KEY (`job_id`) REFERENCES `import_jobs` (`id`) ON DELETE CASCADE);
-- create index "importchunk_job_id_number" to table: "import_chunks"
CREATE UNIQUE INDEX `importchunk_job_id_number` ON `import_chunks` (`job_id`, `number`);
-- create "import_jobs" table
CREATE TABLE `import_jobs` (`id` uuid NOT NULL, `publisher_key` text NOT NULL, `state` text NOT NULL, `format` text NOT NULL, `kind` text NOT NULL DEFAULT (''), `replace` bool NOT NULL DEFAULT (false), `confirm` bool NOT NULL DEFAULT (false), `dry_run` bool NOT NULL DEFAULT (false), `publish` bool NOT NULL DEFAULT (false), `drafts` bool NOT NULL DEFAULT (false), `note` text NOT NULL DEFAULT (''), `actor` text NOT NULL, `key_prefix` text NOT NULL DEFAULT (''), `address` text NOT NULL DEFAULT (''), `request_id` text NOT NULL DEFAULT (''), `size` integer NOT NULL DEFAULT (0), `read` integer NOT NULL DEFAULT (0), `created` integer NOT NULL DEFAULT (0), `updated` integer NOT NULL DEFAULT (0), `unchanged` integer NOT NULL DEFAULT (0), `archived` integer NOT NULL DEFAULT (0), `refused` integer NOT NULL DEFAULT (0), `held` integer NOT NULL DEFAULT (0), `reports` integer NOT NULL DEFAULT (0), `reason` text NOT NULL DEFAULT (''), `worker` text NOT NULL DEFAULT (''), `worked_until` datetime NULL, `created_at` datetime NOT NULL, `started_at` datetime NULL, `finished_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "import_worked" to table: "import_jobs"
CREATE UNIQUE INDEX `import_worked` ON `import_jobs` (`publisher_key`) WHERE worked_until IS NOT NULL;
-- create index "importjob_publisher_key_id" to table: "import_jobs"
CREATE INDEX `importjob_publisher_key_id` ON `import_jobs` (`publisher_key`, `id`);
-- create index "importjob_state" to table: "import_jobs"
CREATE INDEX `importjob_state` ON `import_jobs` (`state`);
-- create "import_reports" table
CREATE TABLE `import_reports` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `number` integer NOT NULL, `rows` text NOT NULL, `job_id` uuid NOT NULL, CONSTRAINT `import_reports_import_jobs_job` FOREIGN KEY (`job_id`) REFERENCES `import_jobs` (`id`) ON DELETE CASCADE);
-- create index "importreport_job_id_number" to table: "import_reports"
CREATE UNIQUE INDEX `importreport_job_id_number` ON `import_reports` (`job_id`, `number`);
