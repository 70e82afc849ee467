package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/lang"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/store"
)

// withExisting is with for a command that needs a database with something in it: a misspelt name makes no new one.
func (f databaseFlag) withExisting(ctx context.Context, all *commands, io streams, do func(*store.Store) error) error {
	if err := f.exists(); err != nil {
		return err
	}
	return f.with(ctx, all, io, do)
}

// with opens the database for a command that does one thing.
func (f databaseFlag) with(ctx context.Context, all *commands, io streams, do func(*store.Store) error) error {
	s, err := f.open(ctx, logging.New(all.LogLevel, io.err), false)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

type publishersCommand struct {
	Create publishersCreate `cmd:"" help:"Make a publisher."`
	List   publishersList   `cmd:"" help:"List the publishers."`
	Set    publishersSet    `cmd:"" help:"Change settings of a publisher."`
}

type publishersCreate struct {
	databaseFlag
	Key    string `arg:"" help:"Its key in addresses."`
	Name   string `arg:"" help:"Its name."`
	Policy string `help:"Who must agree before something becomes public: self or four_eyes." enum:"self,four_eyes" default:"self"`

	RequireIfMatch bool `help:"Refuse writes that do not say which version they replace."`
}

func (c *publishersCreate) Run(ctx context.Context, all *commands, io streams) error {
	return c.with(ctx, all, io, func(s *store.Store) error {
		p, err := identity.NewPublishers(s, catalogue.SystemClock).Create(ctx, actor, identity.NewPublisher{
			Key: c.Key, Name: c.Name, Policy: catalogue.Policy(c.Policy), RequireIfMatch: c.RequireIfMatch,
		})
		switch {
		case errors.Is(err, catalogue.ErrConflict):
			return fmt.Errorf("there is a publisher %q already: see `catalogue publishers list`", c.Key)
		case err != nil:
			return explained(err)
		}
		fmt.Fprintln(io.out, p.Key)
		return nil
	})
}

type publishersList struct{ databaseFlag }

func (c *publishersList) Run(ctx context.Context, all *commands, io streams) error {
	return c.withExisting(ctx, all, io, func(s *store.Store) error {
		list, err := identity.NewPublishers(s, catalogue.SystemClock).List(ctx)
		if err != nil {
			return err
		}
		return table(io.out, "KEY\tNAME\tPOLICY\tIF-MATCH\tPUBLIC\tCONTACT\tORIGINS", list, func(p identity.Publisher) string {
			public := orDash(p.PublicShare)
			if p.PublicBody {
				public = "body"
			}
			return strings.Join([]string{
				p.Key, p.Name, string(p.Policy), strconv.FormatBool(p.RequireIfMatch), public, orDash(p.Contact),
				orDash(strings.Join(p.AllowedOrigins, " ")),
			}, "\t")
		})
	})
}

type publishersSet struct {
	databaseFlag
	Key             string    `arg:"" help:"Its key in addresses."`
	Name            *string   `help:"Its name."`
	Policy          *string   `help:"Who must agree before something becomes public: self or four_eyes."`
	RequireIfMatch  *bool     `help:"Refuse writes that do not say which version they replace." negatable:""`
	Contact         *string   `help:"Who answers for it."`
	AllowedOrigins  *[]string `help:"Origins of pages that may write from a browser, with commas, such as https://www.example.org; none with an empty value."`
	PublicBody      *bool     `help:"It is a public administration itself." negatable:""`
	PublicShare     *string   `help:"Percent of its capital that is public, such as 60.00."`
	PublicShareAsOf *string   `help:"The day of which that is true." placeholder:"YYYY-MM-DD"`
}

// Run changes what is given and leaves the rest.
func (c *publishersSet) Run(ctx context.Context, all *commands, io streams) error {
	return c.withExisting(ctx, all, io, func(s *store.Store) error {
		_, _, err := identity.NewPublishers(s, catalogue.SystemClock).Change(ctx, actor, c.Key, func(current *identity.Publisher) (catalogue.PublisherSettings, error) {
			if current == nil {
				return catalogue.PublisherSettings{}, fmt.Errorf("there is no publisher %q: see `catalogue publishers list`", c.Key)
			}
			settings := current.PublisherSettings
			replace(&settings.Name, c.Name)
			replace((*string)(&settings.Policy), c.Policy)
			replace(&settings.RequireIfMatch, c.RequireIfMatch)
			replace(&settings.Contact, c.Contact)
			replace(&settings.AllowedOrigins, c.AllowedOrigins)
			replace(&settings.PublicBody, c.PublicBody)
			replace(&settings.PublicShare, c.PublicShare)
			replace(&settings.PublicShareAsOf, c.PublicShareAsOf)
			return settings, nil
		})
		return explained(err)
	})
}

// replace takes a value that was given.
func replace[T any](value, given *T) {
	if given != nil {
		*value = *given
	}
}

// explained says everything that is wrong with an input, on a line each.
func explained(err error) error {
	invalid, ok := errors.AsType[*catalogue.InvalidError](err)
	if !ok {
		return err
	}
	lines := []error{errors.New("nothing was stored")}
	for _, f := range invalid.Findings.In(lang.English) {
		lines = append(lines, fmt.Errorf("%s: %s Expected: %s", f.Pointer, f.Message, f.Expected))
	}
	return errors.Join(lines...)
}

type keysCommand struct {
	Create keysCreate `cmd:"" help:"Make a key and print its token, once."`
	List   keysList   `cmd:"" help:"List the keys, without their tokens."`
	Rotate keysRotate `cmd:"" help:"Make a key that takes the place of another, which works on for a while, and print its token, once."`
	Revoke keysRevoke `cmd:"" help:"Make a key useless, at once on every node."`
}

type keysCreate struct {
	databaseFlag
	Name      string `required:"" help:"What it is for."`
	Scopes    string `required:"" help:"What it may do, with commas: read, write, publish, review, report, admin."`
	Publisher string `help:"Key of the publisher it acts for; without it, for all of them (scope admin only)."`
	Expires   string `help:"How long it works, in days (90d) or hours (12h); without it, until it is revoked."`
}

func (c *keysCreate) Run(ctx context.Context, all *commands, io streams) error {
	scopes, err := identity.ParseScopes(c.Scopes)
	if err != nil {
		return err
	}
	expires, err := parsePeriod(c.Expires)
	if err != nil {
		return err
	}
	return c.with(ctx, all, io, func(s *store.Store) error {
		token, _, err := identity.NewKeys(s, catalogue.SystemClock).Create(ctx, actor, identity.NewKey{
			Name: c.Name, Scopes: scopes, Publisher: c.Publisher, Expires: expires,
		})
		if err == nil {
			fmt.Fprintln(io.out, token)
		}
		return err
	})
}

type keysRotate struct {
	databaseFlag
	Prefix  string `arg:"" help:"The old key's prefix, as in cat_PREFIX_…, or its token."`
	Overlap string `help:"How long the old key works on, in days (7d) or hours (12h), or 0." default:"24h"`
}

func (c *keysRotate) Run(ctx context.Context, all *commands, io streams) error {
	overlap, err := parseOverlap(c.Overlap)
	if err != nil {
		return err
	}
	return c.withExisting(ctx, all, io, func(s *store.Store) error {
		prefix := prefixIn(c.Prefix)
		token, _, err := identity.NewKeys(s, catalogue.SystemClock).Rotate(ctx, actor, prefix, overlap)
		switch {
		case errors.Is(err, catalogue.ErrNotFound):
			return fmt.Errorf("no key has the prefix %q: see `catalogue keys list`", prefix)
		case errors.Is(err, identity.ErrRotated):
			return fmt.Errorf("another key has taken the place of %q already: see `catalogue keys list`, and rotate that one", prefix)
		case errors.Is(err, catalogue.ErrUnauthenticated):
			return fmt.Errorf("%w: make a new one with `catalogue keys create`", err)
		case err != nil:
			return err
		}
		fmt.Fprintln(io.out, token)
		return nil
	})
}

// prefixIn is the prefix in a token, or the prefix itself.
func prefixIn(s string) string {
	prefix, _, _ := strings.Cut(strings.TrimPrefix(s, identity.Mark), "_")
	return prefix
}

// parseOverlap is parsePeriod with 0 for no overlap at all.
func parseOverlap(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	return parsePeriod(s)
}

// longestPeriod is how many days a key may work for, which is as good as for ever.
const longestPeriod = 36500

// parsePeriod reads whole days (90d) or what time.ParseDuration reads.
func parsePeriod(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= longestPeriod {
			return time.Duration(n) * day, nil
		}
	} else if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%q is no period: give days or hours from now on, such as 90d or 12h", s)
}

type keysList struct{ databaseFlag }

func (c *keysList) Run(ctx context.Context, all *commands, io streams) error {
	return c.withExisting(ctx, all, io, func(s *store.Store) error {
		list, err := identity.NewKeys(s, catalogue.SystemClock).List(ctx)
		if err != nil {
			return err
		}
		return table(io.out, "PREFIX\tNAME\tPUBLISHER\tSCOPES\tCREATED\tEXPIRES\tLAST USED\tREVOKED\tREPLACED BY", list, func(k identity.Key) string {
			scopes := make([]string, len(k.Scopes))
			for i, s := range k.Scopes {
				scopes[i] = string(s)
			}
			return strings.Join([]string{
				k.Prefix, k.Name, orDash(k.Publisher), strings.Join(scopes, ","), when(&k.CreatedAt), when(k.ExpiresAt),
				when(k.LastUsedAt), when(k.RevokedAt), orDash(k.ReplacedBy),
			}, "\t")
		})
	})
}

type keysRevoke struct {
	databaseFlag
	Prefix string `arg:"" help:"The key's prefix, as in cat_PREFIX_…, or a token that got into wrong hands."`
}

func (c *keysRevoke) Run(ctx context.Context, all *commands, io streams) error {
	return c.withExisting(ctx, all, io, func(s *store.Store) error {
		prefix := prefixIn(c.Prefix)
		err := identity.NewKeys(s, catalogue.SystemClock).Revoke(ctx, actor, prefix)
		if errors.Is(err, catalogue.ErrNotFound) {
			return fmt.Errorf("no key has the prefix %q: see `catalogue keys list`", prefix)
		}
		return err
	})
}

// table prints rows under a heading.
func table[T any](out io.Writer, heading string, rows []T, line func(T) string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, heading)
	for _, row := range rows {
		fmt.Fprintln(w, line(row))
	}
	return w.Flush()
}

func when(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.DateTime)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

type migrateCommand struct{ databaseFlag }

// Run applies the migrations that the database lacks, and prints them.
func (c *migrateCommand) Run(ctx context.Context, all *commands, io streams) (err error) {
	s, err := store.Open(ctx, c.dsn(), logging.New(all.LogLevel, io.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	applied, err := s.Migrate(ctx)
	for _, name := range applied {
		fmt.Fprintln(io.out, name)
	}
	return err
}

type healthcheckCommand struct {
	URL     string        `help:"Address of the server; without it, http://127.0.0.1:8080." default:"http://127.0.0.1:8080" placeholder:"URL"`
	Timeout time.Duration `help:"How long to wait for an answer." default:"3s"`
}

// Run fails unless the server says that it is ready.
func (c *healthcheckCommand) Run(ctx context.Context, io streams) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.URL, "/")+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", answer.Status)
	}
	fmt.Fprintln(io.out, "ready")
	return nil
}
