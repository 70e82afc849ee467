package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/demo"
	"github.com/comuneprato/service-catalogue/internal/identity"
	"github.com/comuneprato/service-catalogue/internal/publishing"
	"github.com/comuneprato/service-catalogue/internal/store"
)

type demoKey struct{ name, token string }

// loadDemo loads the demonstration data into an empty database, in the way that everything is published, and makes the
// keys to try it with.
func loadDemo(ctx context.Context, s *store.Store, pub *publishing.Publishing, log *slog.Logger) ([]demoKey, error) {
	publishers := identity.NewPublishers(s, catalogue.SystemClock)
	existing, err := publishers.List(ctx)
	if err != nil {
		return nil, err
	}
	keys := identity.NewKeys(s, catalogue.SystemClock)
	loaded, err := keys.List(ctx) // they are made last
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(existing, func(p identity.Publisher) bool { return !isOfDemo(p) }) {
		return nil, errors.New("the database holds another catalogue: serve it without --demo")
	}
	if len(loaded) > 0 {
		log.WarnContext(ctx, "the database is not empty: the demonstration data was not loaded")
	} else if err := importDemo(ctx, publishers, existing, pub); err != nil {
		return nil, err
	}
	var made []demoKey
	for _, k := range []identity.NewKey{
		{Name: "municipality", Publisher: demo.Municipality, Scopes: []identity.Scope{identity.Write, identity.Publish}},
		{Name: "utility", Publisher: demo.Utility, Scopes: []identity.Scope{identity.Write, identity.Publish}},
		{Name: "admin", Scopes: []identity.Scope{identity.Admin}},
	} {
		k.Expires = day
		token, _, err := keys.Create(ctx, actor, k)
		if err != nil {
			return nil, err
		}
		made = append(made, demoKey{k.Name, token})
	}
	return made, nil
}

func isOfDemo(p identity.Publisher) bool {
	return slices.ContainsFunc(demo.Publishers(), func(d demo.Publisher) bool { return d.Key == p.Key })
}

// importDemo loads what is not there yet: an earlier load may have been cut off.
func importDemo(ctx context.Context, publishers *identity.Publishers, existing []identity.Publisher, pub *publishing.Publishing) error {
	for _, p := range demo.Publishers() {
		if slices.ContainsFunc(existing, func(e identity.Publisher) bool { return e.Key == p.Key }) {
			continue
		}
		if _, err := publishers.Create(ctx, actor, identity.NewPublisher{Key: p.Key, Name: p.Name, Policy: catalogue.PolicySelf}); err != nil {
			return err
		}
	}
	var refused error
	options := publishing.ImportOptions{Actor: publishing.Actor{Name: "demo"}, Note: "demonstration data"}
	err := pub.Import(ctx, demo.OpenRows, options, func(rows []publishing.RowReport) {
		for _, r := range rows {
			if r.Err != nil && refused == nil {
				refused = fmt.Errorf("row %d: %w", r.Number, r.Err)
			}
		}
	})
	if err != nil {
		return err
	}
	return refused
}

func printDemo(out io.Writer, url string, keys []demoKey) {
	fmt.Fprintf(out, `The catalogue of Prato is served with demonstration data. Try:

  %[1]s/docs                                        every operation, described
  %[1]s/v1/services?limit=5                         the services
  %[1]s/v1/services/carta-d-identita                one of them, with all that a portal shows
  %[1]s/v1/search?q=rinnovo+carta+identita          what people say finds what offices call otherwise
  %[1]s/v1/autocomplete?q=cart+id                   while they type
  %[1]s/v1/offices?lang=en                          the offices, in English
  %[1]s/v1/offices?openNow=true                     those that are open now
  %[1]s/v1/vocabularies                             the terms that everything is classified by
  %[1]s/v1/changes                                  what became public, in order

Keys for a day, as "Authorization: Bearer …":

`, url)
	for _, k := range keys {
		fmt.Fprintf(out, "  %-13s %s\n", k.name, k.token)
	}
	fmt.Fprintln(out)
}
