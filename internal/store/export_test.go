package store

// MigrateFiles is Migrate with these files instead of the embedded ones.
var MigrateFiles = (*Store).migrate

// Migrations are the embedded files.
var Migrations = migrations

// Retryable is retryable.
var Retryable = retryable
