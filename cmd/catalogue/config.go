package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/alecthomas/kong"
	kongyaml "github.com/alecthomas/kong-yaml"
	"golang.org/x/term"

	"github.com/comuneprato/service-catalogue/internal/store"
)

// commands is every command with every setting. A setting is taken from its flag, else from the environment variable
// CATALOGUE_ and its name, else from the file.
type commands struct {
	Config   kong.ConfigFlag `help:"Read settings from this YAML file." type:"existingfile"`
	LogLevel slog.Level      `help:"Log this and worse: debug, info, warn or error." default:"info"`

	Serve       serveCommand       `cmd:"" help:"Answer over HTTP."`
	Import      importCommand      `cmd:"" help:"Store the rows of an NDJSON file."`
	Export      exportCommand      `cmd:"" help:"Write every entry as NDJSON."`
	Validate    validateCommand    `cmd:"" help:"Check documents without storing them."`
	Publishers  publishersCommand  `cmd:"" help:"Manage who publishes."`
	Keys        keysCommand        `cmd:"" help:"Manage the keys with which programs write."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to date."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server whether it is ready."`
}

func newParser(options ...kong.Option) (*kong.Kong, error) {
	return kong.New(&commands{}, append(options,
		kong.Name("catalogue"),
		kong.Description("The service catalogue of a city. Settings are taken from flags, else from CATALOGUE_… in the environment, else from the file given with --config."),
		kong.DefaultEnvars("CATALOGUE"),
		kong.Configuration(fileBehindEnvironment),
	)...)
}

// fileBehindEnvironment reads a YAML file for what is not in the environment; kong alone would let the file win.
func fileBehindEnvironment(r io.Reader) (kong.Resolver, error) {
	file, err := kongyaml.Loader(r)
	if err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(ctx *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if _, set := os.LookupEnv(name); set {
				return nil, nil
			}
		}
		return file.Resolve(ctx, parent, flag)
	}), nil
}

// defaultDatabase is where a catalogue is kept if nobody says otherwise.
const defaultDatabase = "catalogue.db"

// databaseFlag is the setting of commands that work on a database.
type databaseFlag struct {
	Database string `help:"SQLite file, or postgres:// URL; without it, catalogue.db." placeholder:"FILE|URL"`
}

func (f databaseFlag) dsn() string { return cmp.Or(f.Database, defaultDatabase) }

// open opens the database and makes sure that its schema is the program's. An SQLite file is brought up to date as it
// is; a PostgreSQL database only if that is asked for, since other nodes may still run the old program.
func (f databaseFlag) open(ctx context.Context, log *slog.Logger, migrate bool) (*store.Store, error) {
	s, err := store.Open(ctx, f.dsn(), log)
	if err != nil {
		return nil, err
	}
	if migrate || s.Embedded() {
		applied, err := s.Migrate(ctx)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		if len(applied) > 0 {
			log.InfoContext(ctx, "brought the database's schema up to date", "migrations", applied)
		}
		return s, nil
	}
	pending, err := s.Pending(ctx)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("the database's schema is behind the program by %d migrations: run `catalogue migrate`, or serve with --migrate", len(pending))
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// logger writes lines for people on a terminal, and JSON elsewhere.
func logger(level slog.Level, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) { //nolint:gosec // descriptors are small
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// actor is who does what a command does, in the audit.
const actor = "command line"

const day = 24 * time.Hour
