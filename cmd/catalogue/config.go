package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// commands is every command with every setting. A setting is taken from its flag, else from the environment variable
// CATALOGUE_ and its name, else from the file.
type commands struct {
	Config   kong.ConfigFlag `help:"Read settings from this YAML file." type:"existingfile" placeholder:"FILE"`
	LogLevel slog.Level      `help:"Log this and worse: debug, info, warn or error." default:"info"`

	Version kong.VersionFlag `help:"Print the version." env:"-"`

	Serve       serveCommand       `cmd:"" help:"Answer over HTTP."`
	Import      importCommand      `cmd:"" help:"Store the rows of an NDJSON file."`
	Export      exportCommand      `cmd:"" help:"Write every entry as NDJSON."`
	Validate    validateCommand    `cmd:"" help:"Check documents without storing them."`
	Publishers  publishersCommand  `cmd:"" help:"Manage who publishes."`
	Keys        keysCommand        `cmd:"" help:"Manage the keys with which programs write."`
	Audit       auditCommand       `cmd:"" help:"Check the record of what was done."`
	Backup      backupCommand      `cmd:"" help:"Copy an SQLite database to a file, while servers use it."`
	Restore     restoreCommand     `cmd:"" help:"Make an SQLite database of a backup."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to date."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server whether it is ready."`
}

func newParser(options ...kong.Option) (*kong.Kong, error) {
	return kong.New(&commands{}, append(options,
		kong.Name("catalogue"),
		kong.Description("The service catalogue of a city. Settings are taken from flags, else from CATALOGUE_… in the environment, else from the file given with --config."),
		kong.DefaultEnvars("CATALOGUE"),
		kong.Configuration(readSettings),
		kong.Vars{"version": version(), "kinds": strings.Join(catalogue.KindNames(), ",")},
	)...)
}

// version is what the program was built from, as the build recorded it.
func version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return build.Main.Version
}

// settings are a YAML file of flags without their dashes. What stands at the top is for every command that has such a
// flag; what stands under the name of a command is for that command, and goes before.
type settings map[string]any

func readSettings(r io.Reader) (kong.Resolver, error) {
	s := settings{}
	if err := yaml.NewDecoder(r).Decode(&s); err != nil && !errors.Is(err, io.EOF) { // empty
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	return s, nil
}

// Resolve looks a flag up, if it is not in the environment; kong alone would let the file win.
func (s settings) Resolve(c *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	for n := c.Selected(); n != nil; n = n.Parent {
		if value, ok := s.under(n)[flag.Name]; ok {
			return value, nil
		}
	}
	return nil, nil
}

// under is the part of the file for a command.
func (s settings) under(n *kong.Node) settings {
	if n.Parent == nil {
		return s
	}
	part, _ := s.under(n.Parent)[n.Name].(settings)
	return part
}

// Validate refuses names that mean nothing: a misspelt setting would be as good as none.
func (s settings) Validate(app *kong.Application) error { return s.validate(app.Node) }

func (s settings) validate(n *kong.Node) error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		i := slices.IndexFunc(n.Children, func(c *kong.Node) bool { return c.Name == name })
		part, ok := s[name].(settings)
		switch {
		case ok && i < 0:
			return fmt.Errorf("the settings file has a part %q, but no command of that name: see `catalogue --help`", name)
		case ok:
			if err := part.validate(n.Children[i]); err != nil {
				return err
			}
		case i >= 0 && s[name] == nil: // all that is in it is commented out
		case !hasFlag(n, name):
			return fmt.Errorf("the settings file has %q, but there is no flag --%s: see `%s --help`", name, name, n.FullPath())
		}
	}
	return nil
}

// hasFlag reports whether a command, or one below it, takes a flag.
func hasFlag(n *kong.Node, name string) bool {
	has := func(flags []*kong.Flag) bool {
		return slices.ContainsFunc(flags, func(f *kong.Flag) bool { return f.Name == name })
	}
	return slices.ContainsFunc(n.AllFlags(false), has) ||
		slices.ContainsFunc(n.Children, func(c *kong.Node) bool { return hasFlag(c, name) })
}

// defaultDatabase is where a catalogue is kept if nobody says otherwise.
const defaultDatabase = "catalogue.db"

// databaseFlag is the setting of commands that work on a database.
type databaseFlag struct {
	Database string `help:"SQLite file, or postgres:// URL; without it, catalogue.db." placeholder:"FILE|URL"`
}

func (f databaseFlag) dsn() string { return cmp.Or(f.Database, defaultDatabase) }

// exists reports an SQLite file that is not there.
func (f databaseFlag) exists() error {
	path, ok, err := store.FileOf(f.dsn())
	if !ok {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no such database: %w: give --database", err)
	}
	return nil
}

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

// actor is who does what a command does, in the audit.
var actor = catalogue.Actor{Name: "command line"}

const day = 24 * time.Hour
