package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/comuneprato/service-catalogue/internal/backup"
	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// file is the path of the database, which must be a file.
func (f databaseFlag) file() (string, error) {
	path, ok, err := store.FileOf(f.dsn())
	if err == nil && !ok {
		err = errors.New("a PostgreSQL database is saved by its own tools: `pg_dump --format=custom --file=FILE URL` and " +
			"`pg_restore --dbname=URL FILE`, or pg_basebackup for the whole server: see docs/guides/backup.md")
	}
	return path, err
}

type backupCommand struct {
	databaseFlag
	File string `arg:"" help:"File to write, of which there must be none." placeholder:"FILE"`
}

// Run leaves the schema as it is: a backup is what one makes before an upgrade.
func (c *backupCommand) Run(ctx context.Context, all *commands, io streams) (err error) {
	if _, err := c.file(); err != nil {
		return err
	}
	if err := c.exists(); err != nil {
		return err
	}
	s, err := store.Open(ctx, c.dsn(), logging.New(all.LogLevel, io.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	progress, tell := newCopying(io.err, "pages")
	report, err := backup.Make(ctx, s, c.File, catalogue.SystemClock, tell)
	progress.clear()
	if err != nil {
		return err
	}
	return printBackup(io.out, c.File, report)
}

type restoreCommand struct {
	databaseFlag
	File string `arg:"" help:"What catalogue backup wrote." placeholder:"FILE"`
}

func (c *restoreCommand) Run(ctx context.Context, io streams) error {
	path, err := c.file()
	if err != nil {
		return err
	}
	progress, tell := newCopying(io.err, "bytes")
	report, err := backup.Restore(ctx, c.File, path, catalogue.SystemClock, tell)
	progress.clear()
	if err != nil {
		return err
	}
	return printBackup(io.out, path, report)
}

// printBackup says what a copy is worth. It fails if somebody tampered with the audit: the copy is there and has what was there.
func printBackup(out io.Writer, file string, r backup.Report) error {
	fmt.Fprintf(out, "%s: %d bytes, whole\n", file, r.Bytes)
	if len(r.Pending) > 0 {
		fmt.Fprintf(out, "its schema lacks %d migrations of this program; its audit was not verified\n", len(r.Pending))
		return nil
	}
	return printAudit(out, r.Audit)
}
