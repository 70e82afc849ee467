-- +goose Up
-- create "search_logs" table
CREATE TABLE `search_logs` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `query` text NOT NULL, `lang` text NOT NULL, `day` date NOT NULL, `count` integer NOT NULL, `results` integer NOT NULL);
-- create index "searchlog_day_lang_query" to table: "search_logs"
CREATE UNIQUE INDEX `searchlog_day_lang_query` ON `search_logs` (`day`, `lang`, `query`);
