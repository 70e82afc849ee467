package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/logging"
	"github.com/comuneprato/service-catalogue/internal/newfile"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/transfer"
)

type exportCommand struct {
	databaseFlag
	Full   bool   `help:"Everything, for import --full: also drafts, revisions, the feed, keys (without their tokens) and the audit. As confidential as the database."`
	Output string `help:"File to write, which replaces one of that name once it is whole; - is standard output." default:"-" short:"o" placeholder:"FILE"`
}

// Run writes every entry that is not archived, in an order in which import reads it back, or everything.
func (c *exportCommand) Run(ctx context.Context, all *commands, std streams) (err error) {
	if err := c.exists(); err != nil {
		return err
	}
	s, err := c.open(ctx, logging.New(all.LogLevel, std.err), false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	export, mode := publishing.New(s, catalogue.SystemClock).Export, os.FileMode(0o666)
	if c.Full {
		mode = 0o600
		progress := newProgress(std.err, "rows", nil)
		defer progress.clear()
		export = func(ctx context.Context, out io.Writer) error { return transfer.Export(ctx, s, out, progress.step) }
	}
	if c.Output == "-" {
		return export(ctx, std.out)
	}
	if info, err := os.Stat(c.Output); err == nil && !info.Mode().IsRegular() { // a pipe or a device takes what it gets
		f, err := os.OpenFile(c.Output, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(export(ctx, f), f.Close())
	}
	return newfile.Write(c.Output, mode, func(f *os.File) error { return export(ctx, f) })
}
